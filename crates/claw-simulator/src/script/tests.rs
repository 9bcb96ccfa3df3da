//! How texts are cut, and what is said.

use serde_json::json;

use super::*;
use crate::asked::Format;

fn pieces(cut: Cut, text: &str) -> Vec<&str> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    while from < text.len() {
        let end = cut.end_of_piece(text, from);
        pieces.push(&text[from..end]);
        from = end;
    }
    pieces
}

#[test]
fn words_keep_their_spaces() {
    assert_eq!(
        pieces(Cut::Words, "Hello,  über   alles "),
        ["Hello,", " ", " über", " ", " ", " alles", " "]
    );
    assert_eq!(pieces(Cut::Words, &"é".repeat(100)).concat(), "é".repeat(100));
}

#[test]
fn a_text_comes_in_exactly_so_many_pieces() {
    for count in [1, 2, 3, 7, 64, 100] {
        for length in [100, 101, 163, 1000] {
            let text = "x".repeat(length);
            let cut = pieces(Cut::Pieces(count), &text);
            assert_eq!((cut.len(), cut.concat()), (count, text));
        }
        let wide = "日".repeat(400);
        let cut = pieces(Cut::Pieces(count), &wide);
        assert_eq!((cut.len(), cut.concat()), (count, wide));
    }
}

#[test]
fn a_text_that_is_too_short_has_fewer_pieces() {
    assert_eq!(pieces(Cut::Pieces(5), "abc"), ["a", "b", "c"]);
    assert_eq!(pieces(Cut::Pieces(5), "日本"), ["日", "本"]);
}

fn write(asked: &Asked, knobs: &str) -> Script {
    let model = format!("m{knobs}");
    let (name, knobs) = Knobs::parse(&model).unwrap();
    let author = Author { vendor: Vendor::OpenAi, name, sequence: 1, asked, knobs: &knobs };
    author.write(model.clone(), &PromptCache::default(), Instant::now())
}

fn asked(text: &str) -> Asked {
    let mut asked = Asked::new("m");
    asked.said.user_message();
    asked.user_text(text);
    asked
}

fn text(script: &Script) -> &str {
    &script.answers[0].parts[0].text
}

#[test]
fn a_reply_quotes_what_it_read() {
    let mut asked = asked("one");
    asked.user_text("two");
    asked.system(&"s".repeat(80));
    let expected =
        format!("Hello from the simulated openai model m. You said: one\ntwo system: {}", "s".repeat(60));
    assert_eq!(text(&write(&asked, "")), expected);
    let long = "ü".repeat(400);
    assert!(
        text(&write(&self::asked(&long), "")).ends_with(&"ü".repeat(200)),
        "a quote is cut between characters"
    );
}

#[test]
fn the_size_is_exact_and_the_events_have_room() {
    for size in [0, 1, 20, 500] {
        let script = write(&asked("日本"), &format!("~size={size}"));
        let said: usize = script.answers[0].parts.iter().map(|part| part.text.len()).sum();
        assert_eq!(said, size);
    }
    let script = write(&asked("日本"), "~events=300");
    assert_eq!(pieces(script.answers[0].parts[0].cut, text(&script)).len(), 300);
}

#[test]
fn tokens_run_out_in_the_order_of_speaking() {
    let mut asked = asked("hi");
    asked.thinking = Some(Thinking::Shown);
    let whole = write(&asked, "");
    asked.max_tokens = Some(whole.usage.reasoning + 1);
    let script = write(&asked, "");
    assert_eq!((script.answers[0].parts.len(), &script.answers[0].stop), (2, &Stop::MaxTokens));
    assert_eq!(script.usage.output, whole.usage.reasoning + 1);
    asked.max_tokens = Some(2);
    let script = write(&asked, "");
    assert_eq!((script.answers[0].parts.len(), script.usage.output, script.usage.reasoning), (1, 2, 2));
    assert_eq!(text(&script), "The user");
}

#[test]
fn counted_thinking_is_paid_and_not_said() {
    let mut asked = asked("hi");
    asked.thinking = Some(Thinking::Counted);
    let script = write(&asked, "");
    assert_eq!(script.answers[0].parts.len(), 1);
    assert!(script.usage.reasoning > 0 && script.usage.output > tokens(text(&script).len() as u64));
}

#[test]
fn the_first_stop_sequence_in_the_text_ends_it() {
    let mut asked = asked("hi");
    asked.stop = vec!["said".to_owned(), "simulated".to_owned(), "nowhere".to_owned()];
    let script = write(&asked, "");
    assert_eq!(
        (text(&script), &script.answers[0].stop),
        ("Hello from the ", &Stop::Sequence("simulated".to_owned()))
    );
}

#[test]
fn a_schema_replaces_the_words() {
    let mut asked = asked("hi");
    asked.format =
        Some(Format::Schema(json!({ "type": "object", "properties": { "n": { "type": "integer" } } })));
    assert_eq!(text(&write(&asked, "~size=99")), r#"{"n":1}"#);
}

#[test]
fn broken_arguments_are_none() {
    let call = Kind::Call { index: 0, id: String::new(), name: String::new() };
    let part = |text: &str| Part { kind: call.clone(), text: text.to_owned(), cut: Cut::Words };
    assert_eq!(part(r#"{"a":1}"#).arguments().get(), r#"{"a":1}"#);
    assert_eq!(part(r#"{"a":"#).arguments().get(), "{}");
}
