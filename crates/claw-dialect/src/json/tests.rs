//! The reader agrees with `serde_json` on what JSON is, and differs only where it is meant to.

use proptest::prelude::*;

use super::*;

fn accepts(text: &str) -> bool {
    parse(text.as_bytes()).is_ok()
}

/// Reads a tree back through the writer, so that both are tested against `serde_json`.
fn rewrite(node: &Node<'_>, out: &mut Vec<u8>) {
    match &node.value {
        Value::String(text) => escape(text, out),
        Value::Array(items) => array(out, |a| {
            for item in items {
                let mut inner = Vec::new();
                rewrite(item, &mut inner);
                a.raw(std::str::from_utf8(&inner).unwrap());
            }
        }),
        Value::Object(fields) => object(out, |o| {
            for (key, item) in fields {
                let mut inner = Vec::new();
                rewrite(item, &mut inner);
                o.raw(key, std::str::from_utf8(&inner).unwrap());
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => out.extend_from_slice(node.raw.as_bytes()),
    }
}

#[test]
fn a_key_that_stands_twice_is_refused_at_every_depth() {
    assert!(!accepts(r#"{"model":"a","model":"b"}"#));
    assert!(!accepts(r#"[{"a":{"b":1,"b":2}}]"#));
    assert!(!accepts(r#"{"model":"a","\u006dodel":"b"}"#), "escaped to the same key");
    let many: Vec<String> = (0..40).map(|n| format!("\"k{}\":1", n % 39)).collect();
    assert!(!accepts(&format!("{{{}}}", many.join(","))));
    assert!(accepts(r#"{"id":1,"ID":2}"#), "other letters are another key");
}

#[test]
fn what_json_does_not_allow_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "01",
        "1.",
        ".5",
        "+1",
        "nul",
        "\"\u{1}\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "1 2",
        "{'a':1}",
        "NaN",
        "\"\\u12\"",
    ] {
        assert!(!accepts(text), "{text:?}");
    }
    assert!(!accepts(&"[".repeat(200)));
    assert!(parse(b"\"\xff\"").is_err());
}

#[test]
fn a_value_knows_its_place() {
    let body = br#" { "a" : [1, {"model": "x"}] , "model" : "gpt" } "#;
    let node = parse(body).unwrap();
    let span = node.get("model").unwrap().span(body);
    assert_eq!(&body[span], b"\"gpt\"");
}

#[test]
fn a_value_is_looked_into_without_taking_it_apart() {
    let node = parse(br#"{"n":2.0,"part":1.5,"list":[1,2],"nothing":null}"#).unwrap();
    let count = |key| node.get(key).and_then(Node::as_count);
    assert_eq!([count("n"), count("part"), count("list")], [Some(2), None, None]);
    assert_eq!(node.get("list").unwrap().items().len(), 2);
    assert_eq!((node.items().len(), node.fields().len()), (0, 4));
    assert_eq!(node.get("nothing").and_then(Node::some), None);
}

#[test]
fn a_body_that_is_not_json_is_refused_in_words() {
    let refusal = claw_hub::Refusal::from(parse(b"{\"a\":").unwrap_err());
    assert_eq!(
        refusal.message,
        "the body is not JSON that is accepted: unexpected end of the body at byte 5"
    );
}

#[test]
fn numbers_keep_their_text() {
    let node = parse(b"[1.0,1e3,123456789012345678901234567890]").unwrap();
    let Value::Array(items) = node.value else { unreachable!() };
    let texts: Vec<&str> = items.iter().map(|item| item.raw).collect();
    assert_eq!(texts, ["1.0", "1e3", "123456789012345678901234567890"]);
}

#[test]
fn taking_fields_leaves_the_unknown_ones() {
    let body = br#"{"model":"m","stream":null,"n":2.0,"x":{"y":1}}"#;
    let mut object = Object::open(parse(body).unwrap(), Path::Root).unwrap();
    assert_eq!(object.need_string("model").unwrap(), "m");
    assert_eq!(object.boolean("stream").unwrap(), None);
    assert_eq!(object.count("n").unwrap(), Some(2));
    let rest = object.rest();
    assert_eq!(rest.0.len(), 1);
    assert_eq!(rest.0[0].1.as_str(), r#"{"y":1}"#);
}

#[test]
fn a_wrong_type_names_its_path() {
    let body = br#"{"messages":[{"content":1}]}"#;
    let node = parse(body).unwrap();
    let root = Path::Root;
    let messages = root.field("messages");
    let item = node.get("messages").unwrap();
    let Value::Array(items) = item.value.clone() else { unreachable!() };
    let mut first = Object::open(items.into_iter().next().unwrap(), messages.item(0)).unwrap();
    let refusal = first.string("content").unwrap_err();
    assert_eq!(refusal.message, "`messages[0].content` must be a string");
    assert_eq!(refusal.param.as_deref(), Some("messages[0].content"));
}

#[test]
fn a_known_field_in_other_letters_is_refused_in_the_envelope() {
    let mut object = Object::open(parse(br#"{"model":"m","Model":"n"}"#).unwrap(), Path::Root).unwrap();
    object.need_string("model").unwrap();
    assert!(object.rest_of_envelope().is_err());
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_writes_is_read_and_written_the_same(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let mut out = Vec::new();
        rewrite(&parse(text.as_bytes()).unwrap(), &mut out);
        let back: serde_json::Value = serde_json::from_slice(&out).unwrap();
        // Compared with what serde itself reads, because its default reader rounds some decimals.
        prop_assert_eq!(back, serde_json::from_str::<serde_json::Value>(&text).unwrap());
    }

    #[test]
    fn nothing_is_accepted_that_serde_refuses(bytes in "[\\[\\]{}\",:0-9eE.+\\-\\\\ntfu a\u{1}]{0,24}") {
        if parse(bytes.as_bytes()).is_ok() {
            // A number too large for a double is the one thing that serde refuses and that is fine to carry as text.
            let result = serde_json::from_str::<serde_json::Value>(&bytes);
            prop_assert!(result.is_ok() || result.unwrap_err().to_string().contains("out of range"));
        }
    }
}
