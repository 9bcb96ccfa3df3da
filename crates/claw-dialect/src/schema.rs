//! Tool schemas and arguments where a target insists on an object. What is right already is passed on as it is.

use std::borrow::Cow;

use claw_hub::Json;

use crate::json::{self, Value, escape};

/// A schema for a target that wants `"type": "object"` at its root; says whether it was changed. A schema that is no object at all is
/// left for the provider to refuse.
pub(crate) fn object_schema(schema: Option<&Json>) -> (Cow<'_, str>, bool) {
    let Some(schema) = schema else { return (Cow::Borrowed(r#"{"type":"object","properties":{}}"#), false) };
    let text = schema.as_str();
    let Ok(Value::Object(fields)) = json::parse(text.as_bytes()).map(|node| node.value) else {
        return (Cow::Borrowed(text), false);
    };
    if fields.iter().any(|(key, _)| key == "type") {
        return (Cow::Borrowed(text), false);
    }
    if fields.is_empty() {
        return (Cow::Borrowed(r#"{"type":"object","properties":{}}"#), false);
    }
    let inner = text.strip_prefix('{').unwrap_or(text);
    (Cow::Owned(format!(r#"{{"type":"object",{inner}"#)), true)
}

/// Arguments for a target that wants an object; says whether they were changed. What is not an object (a reply that was cut off, say) is
/// wrapped, so that the model can still read it.
pub(crate) fn object_arguments(arguments: &str) -> (Cow<'_, str>, bool) {
    if arguments.trim().is_empty() {
        return (Cow::Borrowed("{}"), false);
    }
    match json::parse(arguments.as_bytes()).map(|node| node.value) {
        Ok(Value::Object(_)) => (Cow::Borrowed(arguments), false),
        _ => {
            let mut wrapped = br#"{"arguments":"#.to_vec();
            escape(arguments, &mut wrapped);
            wrapped.push(b'}');
            (Cow::Owned(String::from_utf8(wrapped).unwrap_or_default()), true)
        }
    }
}

/// The fields of an object without its braces, for writing them among others; empty if there are none.
pub(crate) fn fields_of(object: &str) -> Vec<(String, &str)> {
    match json::parse(object.as_bytes()).map(|node| node.value) {
        Ok(Value::Object(fields)) => {
            fields.into_iter().map(|(key, node)| (key.into_owned(), node.raw)).collect()
        }
        _ => Vec::new(),
    }
}
