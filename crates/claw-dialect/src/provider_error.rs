//! What providers' errors have in common: when to try again, and what must not leave the gateway with the message.

use std::time::Duration;

use claw_hub::Retry;

/// A message is cut at this length, in bytes: a provider's error page is not the caller's business.
const MESSAGE_MAX_BYTES: usize = 2000;

/// When to try again: `x-should-retry`, `retry-after-ms` and `retry-after` in this order, as the official SDKs read them; else `unsaid`.
/// A date counts as [`Retry::Maybe`], because there is no clock here.
pub(crate) fn retry<'h>(header: &dyn Fn(&str) -> Option<&'h str>, unsaid: Retry) -> Retry {
    let said = match header("x-should-retry") {
        Some("false") => return Retry::Never,
        Some("true") => Retry::Maybe,
        _ => unsaid,
    };
    if said == Retry::Never {
        return Retry::Never;
    }
    let after_ms = header("retry-after-ms").and_then(|text| text.trim().parse::<f64>().ok());
    let after_s = header("retry-after").and_then(|text| text.trim().parse::<f64>().ok());
    let seconds = after_ms.map(|ms| ms / 1000.0).or(after_s);
    match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(wait) => Retry::After(wait),
        None => said,
    }
}

/// The seconds of a `retry-after` header: whole, rounded up.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

/// A provider's message as the caller may see it: ARNs and numbers of AWS accounts are taken out, and it has an end.
pub(crate) fn scrub(message: &str) -> String {
    let mut cut = message.len().min(MESSAGE_MAX_BYTES);
    while !message.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut out = String::with_capacity(cut);
    let mut rest = &message[..cut];
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("arn:aws") {
            let end =
                rest.find(|c: char| c.is_whitespace() || "\"'`,;()<>".contains(c)).unwrap_or(rest.len());
            out.push_str("[arn]");
            rest = &rest[end..];
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            out.push_str(if end == 12 { "[account]" } else { &rest[..end] });
            rest = &rest[end..];
        } else {
            let end = rest.find(|c: char| c == 'a' || c.is_ascii_digit()).unwrap_or(rest.len());
            let end = end.max(first.len_utf8());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    out
}
