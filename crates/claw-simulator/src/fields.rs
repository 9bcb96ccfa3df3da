//! Small readings of JSON that all four vendors' request readers need. It must not know any vendor's rules.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A field that is a string.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// A field that is a list; nothing else is a list without items.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A field that is neither absent nor null.
pub(crate) fn given<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.get(key).filter(|field| !field.is_null())
}

/// A flag; absent or null is `false`.
pub(crate) fn is_true(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// Letters, digits, `_` and `-`, at least one and at most so many.
pub(crate) fn is_identifier(name: &str, most: usize) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=most).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// The bytes of standard base64.
pub(crate) fn decode_base64(data: &str) -> Option<Vec<u8>> {
    STANDARD.decode(data).ok()
}
