//! The sampling parameters and limits of a chat completion, and which models take which. It must not know messages.
//!
//! <https://platform.openai.com/docs/guides/reasoning>

use serde_json::Value;

use super::error::{invalid, wrong_type};
use crate::asked::Asked;
use crate::fields::{given, is_true};
use crate::wire::Refusal;

const MAX_ANSWERS: u64 = 128;
const MAX_STOPS: usize = 4;

pub(crate) fn read(asked: &mut Asked, name: &str, body: &Value) -> Result<(), Refusal> {
    if is_reasoning_model(name) {
        refuse_for_reasoning(name, body)?;
    }
    in_range(body, "temperature", 0.0, 2.0)?;
    in_range(body, "top_p", 0.0, 1.0)?;
    in_range(body, "presence_penalty", -2.0, 2.0)?;
    in_range(body, "frequency_penalty", -2.0, 2.0)?;
    limits(asked, body)?;
    asked.manner.logprobs = is_true(body, "logprobs");
    asked.stop = stops(body)?;
    Ok(())
}

/// o1, o3, o4-mini and their like, and GPT-5 and later.
fn is_reasoning_model(name: &str) -> bool {
    let mut letters = name.chars();
    let is_o_series = letters.next() == Some('o') && letters.next().is_some_and(|c| c.is_ascii_digit());
    is_o_series || name.starts_with("gpt-5") || name.starts_with("gpt-6")
}

fn refuse_for_reasoning(name: &str, body: &Value) -> Result<(), Refusal> {
    if given(body, "max_tokens").is_some() {
        let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
            'max_completion_tokens' instead.";
        return Err(invalid(Some("unsupported_parameter"), "max_tokens", message));
    }
    if name.starts_with('o') && given(body, "stop").is_some() {
        let message = "Unsupported parameter: 'stop' is not supported with this model.";
        return Err(invalid(Some("unsupported_parameter"), "stop", message));
    }
    for param in ["temperature", "top_p"] {
        let Some(value) = given(body, param).filter(|value| value.as_f64() != Some(1.0)) else { continue };
        let message = format!(
            "Unsupported value: '{param}' does not support {value} with this model. Only the default (1) value is \
             supported."
        );
        return Err(invalid(Some("unsupported_value"), param, message));
    }
    Ok(())
}

fn in_range(body: &Value, param: &str, least: f64, most: f64) -> Result<(), Refusal> {
    let Some(value) = given(body, param) else { return Ok(()) };
    let number = value.as_f64().ok_or_else(|| wrong_type(param, "a decimal"))?;
    let (code, bound, sign, limit) = match number {
        n if n > most => ("decimal_above_max_value", "above maximum", "<=", most),
        n if n < least => ("decimal_below_min_value", "below minimum", ">=", least),
        _ => return Ok(()),
    };
    let message = format!(
        "Invalid '{param}': decimal {bound} value. Expected a value {sign} {limit}, but got {value} instead."
    );
    Err(invalid(Some(code), param, message))
}

fn limits(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let old = whole_number(body, "max_tokens", 1, u64::MAX)?;
    let new = whole_number(body, "max_completion_tokens", 1, u64::MAX)?;
    if old.is_some() && new.is_some() {
        let message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
        return Err(invalid(Some("invalid_parameter_combination"), "max_tokens", message));
    }
    asked.max_tokens = old.or(new);
    let answers = whole_number(body, "n", 1, MAX_ANSWERS)?.unwrap_or(1);
    asked.manner.answers = usize::try_from(answers).unwrap_or(1);
    Ok(())
}

fn whole_number(body: &Value, param: &str, least: u64, most: u64) -> Result<Option<u64>, Refusal> {
    let Some(value) = given(body, param) else { return Ok(None) };
    let number = value.as_i64().ok_or_else(|| wrong_type(param, "an integer"))?;
    let number = u64::try_from(number).unwrap_or_default();
    let (code, bound, sign, limit) = match number {
        n if n > most => ("integer_above_max_value", "above maximum", "<=", most),
        n if n < least => ("integer_below_min_value", "below minimum", ">=", least),
        n => return Ok(Some(n)),
    };
    let message = format!(
        "Invalid '{param}': integer {bound} value. Expected a value {sign} {limit}, but got {value} instead."
    );
    Err(invalid(Some(code), param, message))
}

fn stops(body: &Value) -> Result<Vec<String>, Refusal> {
    let several = match given(body, "stop") {
        None => return Ok(Vec::new()),
        Some(Value::String(one)) => return Ok(vec![one.clone()]),
        Some(Value::Array(several)) => several,
        Some(_) => return Err(wrong_type("stop", "a string or an array of strings")),
    };
    if several.len() > MAX_STOPS {
        let message = format!(
            "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length {} \
             instead.",
            several.len()
        );
        return Err(invalid(Some("array_above_max_length"), "stop", message));
    }
    Ok(several.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
