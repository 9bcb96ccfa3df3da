//! The vendors' specifications as validators. They lie outside of this repository; without them the checks that need
//! them are skipped aloud. It must not know what is checked.

use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::{Value, json};

/// The folder of the specifications. `None`, said on stderr, if nobody named it.
///
/// # Panics
/// If it must be there and is not.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder =
        std::env::var_os("OPENCLAW_WIRE_FIXTURES").map(|fixtures| PathBuf::from(fixtures).join("../specs"));
    if folder.is_none() {
        let is_required = std::env::var_os("OPENCLAW_REQUIRE_FIXTURES").is_some_and(|value| value == "1");
        assert!(!is_required, "OPENCLAW_WIRE_FIXTURES must name the recorded fixtures");
        eprintln!(
            "SKIPPED: OPENCLAW_WIRE_FIXTURES is not set, so nothing is checked against the specifications"
        );
    }
    folder
}

/// Reads a specification in JSON or YAML.
pub(crate) fn read(path: &str) -> Option<Value> {
    let path = folder()?.join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml");
    let parsed = if is_yaml {
        serde_saphyr::from_str(&text).map_err(|error| error.to_string())
    } else {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    };
    Some(parsed.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// A specification that names its schemas under `components`.
pub(crate) struct OpenApi {
    components: Value,
}

impl OpenApi {
    pub(crate) fn read(path: &str) -> Option<Self> {
        let mut components = read(path)?.get_mut("components")?.take();
        allow_null(&mut components);
        Some(Self { components })
    }

    pub(crate) fn validator(&self, schema: &str) -> Validator {
        let root = json!({ "$ref": format!("#/components/schemas/{schema}"), "components": self.components });
        jsonschema::validator_for(&root).expect("a schema")
    }
}

/// The validator of a file that is a JSON schema.
pub(crate) fn schema(path: &str) -> Option<Validator> {
    Some(jsonschema::validator_for(&read(path)?).expect("a schema"))
}

/// `nullable` is OpenAPI 3.0; JSON schemas do not know it.
fn allow_null(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(allow_null);
            if fields.shift_remove("nullable") == Some(Value::Bool(true)) {
                let strict = Value::Object(std::mem::take(fields));
                fields.insert("anyOf".to_owned(), json!([strict, { "type": "null" }]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(allow_null),
        _ => {}
    }
}

/// Fails with everything that is wrong.
pub(crate) fn check(validator: &Validator, value: &Value) {
    let errors: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}\nin {value:#}", errors.join("\n"));
}

/// Fails if an object has a key that is not listed here: the schemas themselves allow any.
pub(crate) fn check_keys(value: &Value, known: &[&str]) {
    let unknown: Vec<_> =
        value.as_object().expect("an object").keys().filter(|key| !known.contains(&key.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?} in {value:#}");
}
