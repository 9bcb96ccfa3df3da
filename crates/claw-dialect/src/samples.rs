//! Random values of the hub for tests, as far as they look the same in every dialect.

use claw_hub::{Effort, Format, Json, Media, PartKind, Sampling, Source, Tool, ToolChoice, Usage};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Words, with what needs escaping in JSON among them.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-zA-Zäß😀\"\\\\\n\t/<>& ]{1,24}", 1 => any::<String>().prop_filter("words", |text| !text.is_empty())]
}

/// A name or an id that every dialect allows.
pub(crate) fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9_-]{0,20}"
}

/// An object as JSON text, in forms that a writer of our own would not choose.
pub(crate) fn object() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("1.50".to_owned()),
        Just("[ 1, {\"b\": 2,\"a\":1e3} ]".to_owned()),
        text().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    prop::collection::btree_map("[a-z]{1,6}", value, 0..4).prop_map(|fields| {
        let fields: Vec<String> =
            fields.into_iter().map(|(key, value)| format!("\"{key}\" : {value}")).collect();
        format!("{{{}}}", fields.join(", "))
    })
}

/// Opaque JSON: an object.
pub(crate) fn json() -> impl Strategy<Value = Json> {
    object().prop_map(Json::verbatim)
}

/// A decimal as text.
pub(crate) fn decimal() -> impl Strategy<Value = Json> {
    prop_oneof!["-?[1-9][0-9]{0,3}", "[0-9]\\.[0-9]{1,4}", Just("1e-3".to_owned())].prop_map(Json::verbatim)
}

/// A picture; `urls` says whether it may be at an address.
pub(crate) fn image(urls: bool) -> impl Strategy<Value = PartKind> {
    let base64 = ("[A-Za-z0-9+/]{4,16}", Just("image/png".to_owned()))
        .prop_map(|(data, media_type)| (Source::Base64(data), media_type));
    let url = "https://[a-z]{1,8}\\.example/[a-z]{1,8}".prop_map(|url| (Source::Url(url), String::new()));
    let source = if urls { prop_oneof![base64, url].boxed() } else { base64.boxed() };
    source.prop_map(|(source, media_type)| {
        PartKind::Image(Media { source, media_type, name: None, detail: None })
    })
}

/// A tool call with an id.
pub(crate) fn call() -> impl Strategy<Value = PartKind> {
    (name(), name(), object()).prop_map(|(id, name, arguments)| PartKind::ToolCall { id, name, arguments })
}

/// A function on offer, without what only some dialects have.
pub(crate) fn tool() -> impl Strategy<Value = Tool> {
    (name(), option::of(text()), option::of(json())).prop_map(|(name, description, schema)| Tool::Function {
        name,
        description,
        schema,
        strict: None,
        cache: None,
        extra: Default::default(),
    })
}

/// A choice among tools.
pub(crate) fn tool_choice() -> impl Strategy<Value = ToolChoice> {
    prop_oneof![
        Just(ToolChoice::Auto),
        Just(ToolChoice::Required),
        Just(ToolChoice::None),
        name().prop_map(ToolChoice::Named),
        (vec(name(), 1..3), any::<bool>())
            .prop_map(|(names, required)| ToolChoice::Among { names, required }),
    ]
}

/// A form of the answer, with everything that a dialect may say about a schema.
pub(crate) fn format() -> impl Strategy<Value = Format> {
    let schema = (name(), option::of(text()), json(), option::of(any::<bool>())).prop_map(
        |(name, description, schema, strict)| Format::JsonSchema {
            name: Some(name),
            description,
            schema,
            strict,
        },
    );
    prop_oneof![Just(Format::JsonObject), schema]
}

/// An effort.
pub(crate) fn effort() -> impl Strategy<Value = Effort> {
    prop::sample::select(Effort::ALL.to_vec())
}

/// Sampling parameters, all of them.
pub(crate) fn sampling() -> impl Strategy<Value = Sampling> {
    let decimals =
        [option::of(decimal()), option::of(decimal()), option::of(decimal()), option::of(decimal())];
    let counts = (option::of(0..u64::MAX), option::of(0..1000_u64));
    (counts, decimals, vec(text(), 0..3), option::of(decimal())).prop_map(
        |((max_tokens, top_k), [temperature, top_p, frequency_penalty, presence_penalty], stop, seed)| {
            Sampling {
                max_tokens,
                temperature,
                top_p,
                top_k,
                stop,
                seed,
                frequency_penalty,
                presence_penalty,
                n: None,
            }
        },
    )
}

/// Usage of which every part can be said in every dialect.
pub(crate) fn usage() -> impl Strategy<Value = Usage> {
    (0..1u64 << 40, 0..1u64 << 40, 0..1u64 << 40, 0..1u64 << 20).prop_map(
        |(input_fresh, cache_read, output, cache_write)| Usage {
            input_fresh,
            cache_read,
            cache_write,
            cache_write_1h: 0,
            output,
            reasoning: output / 3,
            estimated: false,
        },
    )
}

/// JSON made of the given keys and words, so that a reader gets far into it: for tests that nothing makes it panic.
pub(crate) fn soup(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let word = prop::sample::select(words);
    let leaf = prop_oneof![
        word.prop_map(|word| format!("\"{word}\"")),
        prop::sample::select(&["null", "true", "0", "1", "-1", "1.5", "1e99", "\"\"", "{}", "[]"][..])
            .prop_map(str::to_owned),
        text().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(6, 64, 5, move |inner| {
        let field = (prop::sample::select(words), inner.clone());
        prop_oneof![
            vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(field, 0..6).prop_map(|mut fields| {
                fields.sort();
                fields.dedup_by_key(|(key, _)| *key);
                let fields: Vec<String> =
                    fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}
