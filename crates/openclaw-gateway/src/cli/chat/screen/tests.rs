//! What a terminal shows of a reply.

use std::time::Duration;

use claw_hub::{Start, Thought};

use super::*;

fn source() -> Source {
    Source {
        provider: Some("openai".to_owned()),
        model: Some("gpt-5".to_owned()),
        request_id: Some("01REQUEST".to_owned()),
    }
}

fn text(text: &str) -> Event {
    Event::More { index: 0, delta: Delta::Text(text.to_owned()) }
}

fn open(kind: PartKind) -> Event {
    Event::Open { index: 0, kind }
}

fn thinking() -> Event {
    open(PartKind::Thinking(Thought { text: String::new(), signature: None, redacted: None }))
}

fn usage() -> Event {
    Event::Usage(Usage { input_fresh: 12, output: 34, ..Usage::default() })
}

/// What stands on the screen, without colours, and whether the reply was over.
fn shown(mut events: Vec<Event>) -> (String, bool, Option<String>) {
    let mut screen = Screen::new(anstream::StripStream::new(Vec::new()));
    let is_over = screen.show(&mut events, &source()).unwrap();
    let answer = screen.take_answer();
    (String::from_utf8(screen.out.into_inner()).unwrap(), is_over, answer)
}

#[test]
fn an_answer_stands_there_with_its_model_its_tokens_and_its_cost() {
    let start = Event::Start(Start { id: "x".to_owned(), model: "gpt-5-2026".to_owned() });
    let close = Event::Close { index: 0 };
    let events = vec![
        start,
        open(PartKind::Text(String::new())),
        text("Hel"),
        text("lo"),
        close,
        Event::Stop(Stop::EndTurn),
        usage(),
        Event::End,
    ];
    let (screen, is_over, answer) = shown(events);
    assert_eq!(screen, "Hello\nopenai/gpt-5 · 12 tokens in, 34 out · cost unknown\n");
    assert!(is_over);
    assert_eq!(answer.as_deref(), Some("Hello"));
}

#[test]
fn thinking_is_dim_and_no_part_of_the_answer() {
    let thought = Event::More { index: 0, delta: Delta::Thinking("hm".to_owned()) };
    let mut events = vec![
        thinking(),
        thought,
        Event::Close { index: 0 },
        open(PartKind::Text(String::new())),
        text("yes"),
    ];
    let mut screen = Screen::new(Vec::new());
    screen.show(&mut events, &source()).unwrap();
    assert_eq!(screen.take_answer().as_deref(), Some("yes"));
    assert_eq!(String::from_utf8(screen.out).unwrap(), "\u{1b}[2mhm\u{1b}[0m\nyes");
}

#[test]
fn an_answer_that_was_cut_short_says_so() {
    let (screen, ..) = shown(vec![text("Hel"), Event::Stop(Stop::MaxTokens), Event::End]);
    assert!(screen.starts_with("Hel\n(cut short: the limit of tokens was reached)\n"), "{screen}");
}

#[test]
fn a_reply_that_breaks_ends_with_the_error_and_is_not_remembered() {
    let refusal = Refusal::provider(Kind::ProviderFailed, Retry::Maybe, "the provider hung up");
    let (screen, is_over, answer) = shown(vec![text("Hel"), Event::Failed(refusal)]);
    assert_eq!(
        screen,
        "Hel\nerror: the provider hung up\nask again, or name a model of another provider with --model (request 01REQUEST)\n"
    );
    assert!(is_over);
    assert_eq!(answer, None);
}

#[test]
fn a_refusal_says_its_status_its_message_and_when_to_ask_again() {
    let mut screen = Screen::new(anstream::StripStream::new(Vec::new()));
    let refusal =
        Refusal::provider(Kind::RateLimited, Retry::After(Duration::from_secs(7)), "too many requests");
    screen.wrong(&Wrong { status: Some(StatusCode::TOO_MANY_REQUESTS), refusal }, &source()).unwrap();
    assert!(!screen.is_well());
    let shown = String::from_utf8(screen.out.into_inner()).unwrap();
    assert_eq!(shown, "error 429: too many requests\nask again in 7 s (request 01REQUEST)\n");
}

#[test]
fn words_of_a_model_cannot_command_the_terminal() {
    let mut screen = Screen::new(Vec::new());
    screen.show(&mut vec![text("a\u{1b}[2Jb\u{7}c\u{9b}d\te\n")], &source()).unwrap();
    assert_eq!(String::from_utf8(screen.out).unwrap(), "a[2Jbcd\te\n");
}
