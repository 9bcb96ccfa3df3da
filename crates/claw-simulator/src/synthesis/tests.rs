//! Values made from schemas, checked against the schemas they are made from.

use serde_json::json;

use super::*;

#[test]
fn an_instance_is_valid_for_its_schema() {
    let schemas = [
        json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": { "type": "integer" } }, "required": ["a"] }),
        json!({ "type": "object", "properties": { "a": { "type": "array", "items": { "enum": ["x", "y"] }, "minItems": 3 } } }),
        json!({ "type": "object", "properties": { "a": { "$ref": "#/$defs/d" } }, "$defs": { "d": { "const": 5 } } }),
        json!({ "type": "object", "properties": { "a": { "anyOf": [{ "type": "boolean" }, { "type": "null" }] } } }),
        json!({ "type": "object", "properties": { "a": { "type": ["null", "number"], "minimum": 7, "maximum": 9 } } }),
        json!({ "type": "object", "properties": { "a": { "type": "string", "minLength": 9 } }, "required": ["a"] }),
        json!({ "properties": { "a": { "items": { "type": "null" } } }, "required": ["a"] }),
        json!({ "type": "object" }),
    ];
    for schema in schemas {
        let validator = jsonschema::validator_for(&schema).unwrap();
        for turn in 1..4 {
            let value = instance(&schema, turn);
            assert!(validator.is_valid(&value), "{value} for {schema}");
        }
    }
}

#[test]
fn another_turn_has_other_values() {
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" }, "n": { "type": "number" },
        "unit": { "enum": ["C", "F"] } }, "required": ["city", "n", "unit"] });
    assert_eq!(instance(&schema, 1), json!({ "city": "city", "n": 1, "unit": "C" }));
    assert_eq!(instance(&schema, 2), json!({ "city": "city 2", "n": 2, "unit": "F" }));
}

#[test]
fn a_schema_that_contains_itself_ends() {
    let schema = json!({ "type": "object", "properties": { "next": { "$ref": "#" } } });
    assert!(instance(&schema, 1).to_string().ends_with(&"}".repeat(3)));
    let schema = json!({ "$ref": "#" });
    assert_eq!(instance(&schema, 1), Value::Null);
}
