//! The order of steps.

use tokio::time::Instant;

use super::*;
use crate::asked::Manner;
use crate::meter::Usage;
use crate::script::{Cut, Kind};

fn part(kind: Kind, text: &str, cut: Cut) -> Part {
    Part { kind, text: text.to_owned(), cut }
}

fn script(answers: Vec<Answer>) -> Script {
    let (usage, manner) = (Usage::default(), Manner::default());
    Script { sequence: 1, model: "m".to_owned(), answers, usage, manner, began: Instant::now() }
}

/// One word for every step.
fn told(script: &Script) -> Vec<String> {
    let mut cursor = Cursor::new(script);
    let mut told = Vec::new();
    while let Some(step) = cursor.next(script) {
        assert_eq!(cursor.is_over(), matches!(step, Step::End));
        told.push(match step {
            Step::Begin => "begin".to_owned(),
            Step::Open { answer, part, .. } => format!("open {answer}.{part}"),
            Step::Piece { answer, part, text, .. } => format!("{answer}.{part}:{text}"),
            Step::Close { part, .. } => format!("close {part}"),
            Step::Finish { answer, .. } => format!("finish {answer}"),
            Step::End => "end".to_owned(),
        });
    }
    assert!(cursor.next(script).is_none(), "it ends only once");
    told
}

#[test]
fn parts_are_told_one_after_the_other() {
    let call = Kind::Call { index: 0, id: "i".to_owned(), name: "n".to_owned() };
    let parts = vec![part(Kind::Text, "a bc", Cut::Words), part(call, "1234", Cut::Pieces(2))];
    let told = told(&script(vec![Answer { parts, stop: Stop::Calls }]));
    let expected = [
        "begin", "open 0.0", "0.0:a", "0.0: bc", "close 0", "open 0.1", "0.1:12", "0.1:34", "close 1",
        "finish 0", "end",
    ];
    assert_eq!(told, expected);
}

#[test]
fn answers_take_turns() {
    let answer = |text: &str| Answer { parts: vec![part(Kind::Text, text, Cut::Words)], stop: Stop::End };
    let told = told(&script(vec![answer("a"), answer("b c")]));
    let expected = [
        "begin", "open 0.0", "open 1.0", "0.0:a", "1.0:b", "close 0", "1.0: c", "finish 0", "close 0",
        "finish 1", "end",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_part_without_text_opens_and_closes() {
    let empty = part(Kind::Thinking { signature: String::new() }, "", Cut::Words);
    let told = told(&script(vec![Answer { parts: vec![empty], stop: Stop::End }]));
    assert_eq!(told, ["begin", "open 0.0", "close 0", "finish 0", "end"]);
    assert_eq!(self::told(&script(Vec::new())), ["begin", "end"]);
}
