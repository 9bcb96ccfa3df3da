//! A checker of values against botocore's service description, where a structure says which members it may have.
//! It must not know what is checked.

use serde_json::Value;

use crate::specs;

/// What Bedrock really sends although its description does not have it, as recorded.
const UNDOCUMENTED: [&str; 4] =
    ["p", "serverToolUsage", "cacheReadInputTokenCount", "cacheWriteInputTokenCount"];

/// The shapes of a service.
pub(crate) struct Service {
    shapes: Value,
}

impl Service {
    pub(crate) fn read(path: &str) -> Option<Self> {
        Some(Self { shapes: specs::read(path)?["shapes"].take() })
    }

    /// Fails with everything that is wrong.
    pub(crate) fn check(&self, shape: &str, value: &Value) {
        let errors = self.errors(shape, value);
        assert!(errors.is_empty(), "{}\nin {value:#}", errors.join("\n"));
    }

    /// Everything that is wrong with a value of this shape.
    pub(crate) fn errors(&self, shape: &str, value: &Value) -> Vec<String> {
        let mut errors = Vec::new();
        self.visit(shape, value, shape, &mut errors);
        errors
    }

    fn visit(&self, name: &str, value: &Value, at: &str, errors: &mut Vec<String>) {
        let shape = &self.shapes[name];
        let is_right = match shape["type"].as_str().unwrap_or_default() {
            "structure" if shape["document"] == true => true,
            "structure" => return self.structure(shape, value, at, errors),
            "list" => return self.list(shape, value, at, errors),
            "string" => value.as_str().is_some_and(|text| is_allowed(shape, text)),
            "integer" | "long" => value.as_i64().is_some_and(|number| is_in_range(shape, number)),
            "float" | "double" => value.is_number(),
            "boolean" => value.is_boolean(),
            "blob" => value.is_string(),
            "map" => value.is_object(),
            other => panic!("{at}: the shape {name} has the type {other}"),
        };
        if !is_right {
            errors.push(format!("{at}: {value} is no {name}"));
        }
    }

    fn structure(&self, shape: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
        let Some(fields) = value.as_object() else {
            return errors.push(format!("{at}: {value} is no structure"));
        };
        for required in shape["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(required.as_str().unwrap_or_default()) {
                errors.push(format!("{at}: {required} is missing"));
            }
        }
        if shape["union"] == true && fields.len() != 1 {
            errors.push(format!("{at}: a union has one member, not {}", fields.len()));
        }
        for (key, field) in fields {
            match shape["members"][key]["shape"].as_str() {
                Some(member) => self.visit(member, field, &format!("{at}.{key}"), errors),
                None if UNDOCUMENTED.contains(&key.as_str()) => {}
                None => errors.push(format!("{at}: {key} is unknown")),
            }
        }
    }

    fn list(&self, shape: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
        let Some(items) = value.as_array() else { return errors.push(format!("{at}: {value} is no list")) };
        let member = shape["member"]["shape"].as_str().expect("a member");
        for (index, item) in items.iter().enumerate() {
            self.visit(member, item, &format!("{at}[{index}]"), errors);
        }
    }
}

fn is_allowed(shape: &Value, text: &str) -> bool {
    let length = text.chars().count() as u64;
    let is_long_enough = shape["min"].as_u64().is_none_or(|least| length >= least);
    let is_short_enough = shape["max"].as_u64().is_none_or(|most| length <= most);
    let is_listed = shape["enum"].as_array().is_none_or(|listed| listed.iter().any(|one| one == text));
    is_long_enough && is_short_enough && is_listed
}

fn is_in_range(shape: &Value, number: i64) -> bool {
    shape["min"].as_i64().is_none_or(|least| number >= least)
        && shape["max"].as_i64().is_none_or(|most| number <= most)
}

#[test]
fn wrong_values_are_found() {
    let Some(service) = Service::read("bedrock-runtime.service-2.json") else { return };
    let good = serde_json::json!({ "role": "user", "content": [{ "text": "x" }] });
    assert_eq!(service.errors("Message", &good), Vec::<String>::new());
    let wrong = [
        serde_json::json!({ "role": "user" }),
        serde_json::json!({ "role": "robot", "content": [] }),
        serde_json::json!({ "role": "user", "content": {} }),
        serde_json::json!({ "role": "user", "content": [{ "text": 5 }] }),
        serde_json::json!({ "role": "user", "content": [{ "text": "x", "image": {} }] }),
        serde_json::json!({ "role": "user", "content": [], "name": "x" }),
    ];
    for value in wrong {
        assert!(!service.errors("Message", &value).is_empty(), "{value}");
    }
}
