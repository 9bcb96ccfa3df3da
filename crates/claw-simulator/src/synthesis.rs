//! Values made from a JSON schema: the arguments of a tool call and structured replies. The same schema gives the same
//! value. It must not know where a schema stands in a request.

use serde_json::{Map, Number, Value};

/// Deeper schemas are cut off with `null`: a schema may contain itself.
const MAX_DEPTH: usize = 12;

/// An instance of `schema`. `turn` is 1 for the first value that is wanted of it, and other turns give other values.
pub(crate) fn instance(schema: &Value, turn: u64) -> Value {
    Maker { root: schema, turn }.make(schema, "value", 0)
}

struct Maker<'a> {
    root: &'a Value,
    turn: u64,
}

impl Maker<'_> {
    fn make(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Value::Null;
        }
        if let Some(fixed) = self.fixed(schema) {
            return fixed;
        }
        if let Some(other) = self.elsewhere(schema) {
            return self.make(other, name, depth + 1);
        }
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "integer" | "number" => self.number(schema),
            "boolean" => Value::Bool(self.turn % 2 == 1),
            "null" => Value::Null,
            _ => self.string(schema, name),
        }
    }

    /// `const` and `enum` leave no choice, or a choice of few.
    fn fixed(&self, schema: &Value) -> Option<Value> {
        if let Some(value) = schema.get("const") {
            return Some(value.clone());
        }
        let options = schema.get("enum")?.as_array().filter(|options| !options.is_empty())?;
        let nth = usize::try_from(self.turn.saturating_sub(1)).unwrap_or_default() % options.len();
        options.get(nth).cloned()
    }

    /// The schema that `$ref` or the first of several alternatives points to.
    fn elsewhere<'s>(&'s self, schema: &'s Value) -> Option<&'s Value> {
        if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
            return self.root.pointer(pointer.trim_start_matches('#'));
        }
        let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|several| several.first());
        first("anyOf").or_else(|| first("oneOf")).or_else(|| first("allOf"))
    }

    /// The required properties, or all of them if the schema does not say which are.
    fn object(&self, schema: &Value, depth: usize) -> Value {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required = schema.get("required").and_then(Value::as_array);
        let is_wanted =
            |name: &str| required.is_none_or(|names| names.iter().any(|one| one.as_str() == Some(name)));
        let made = properties
            .iter()
            .filter(|(name, _)| is_wanted(name))
            .map(|(name, property)| (name.clone(), self.make(property, name, depth + 1)));
        Value::Object(made.collect())
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let length = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).clamp(1, 16);
        let item = schema.get("items").unwrap_or(&Value::Null);
        Value::Array((0..length).map(|_| self.make(item, name, depth + 1)).collect())
    }

    fn number(&self, schema: &Value) -> Value {
        let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
        let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|below| below + 1));
        let turn = i64::try_from(self.turn).unwrap_or(1);
        let number = turn.max(least.unwrap_or(i64::MIN)).min(bound("maximum").unwrap_or(i64::MAX));
        Value::Number(Number::from(number))
    }

    fn string(&self, schema: &Value, name: &str) -> Value {
        let mut text = if self.turn > 1 { format!("{name} {}", self.turn) } else { name.to_owned() };
        let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or_default().min(4096);
        while (text.chars().count() as u64) < least {
            text.push('x');
        }
        Value::String(text)
    }
}

/// The type of a schema; of several the first that is not `null`.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let names = || kinds.iter().filter_map(Value::as_str);
            names().find(|kind| *kind != "null").or_else(|| names().next()).unwrap_or("string")
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}

#[cfg(test)]
mod tests;
