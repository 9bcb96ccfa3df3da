//! Any cut of the bytes gives the same frames, and the frames joined are the bytes.

use proptest::prelude::*;

use super::*;
use crate::recorded;

mod event_stream;

/// Pushes the bytes in the pieces that `cuts` makes, and reads all frames.
fn frames(dialect: Dialect, bytes: &[u8], cuts: &[usize]) -> Result<Vec<Frame>, FrameError> {
    let mut framer = Framer::new(dialect);
    let mut found = Vec::new();
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        framer.push(&bytes[start..end]);
        start = end;
        while let Some(frame) = framer.next_frame()? {
            found.push(frame);
        }
    }
    found.extend(framer.finish());
    Ok(found)
}

fn every_byte(bytes: &[u8]) -> Vec<usize> {
    (1..bytes.len()).collect()
}

/// Reads the bytes whole, in every pair of pieces and byte by byte; all must agree.
fn whatever_the_cut(dialect: Dialect, bytes: &[u8]) -> Vec<Frame> {
    let whole = frames(dialect, bytes, &[]).unwrap();
    for cut in 0..=bytes.len() {
        assert_eq!(frames(dialect, bytes, &[cut]).unwrap(), whole, "cut at {cut}");
    }
    assert_eq!(frames(dialect, bytes, &every_byte(bytes)).unwrap(), whole, "byte by byte");
    whole
}

fn joined(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(|frame| frame.raw.iter().copied()).collect()
}

fn told(frames: &[Frame]) -> Vec<(FrameKind, &str, &str)> {
    frames
        .iter()
        .map(|frame| (frame.kind, frame.name.as_str(), std::str::from_utf8(&frame.data).unwrap()))
        .collect()
}

fn sse(text: &str) -> Vec<Frame> {
    let frames = whatever_the_cut(Dialect::OpenaiChat, text.as_bytes());
    assert_eq!(joined(&frames), text.as_bytes());
    frames
}

#[test]
fn every_line_end_ends_a_line() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("event: a{end}data: 1{end}{end}data: 2{end}{end}");
        assert_eq!(
            told(&sse(&text)),
            [(FrameKind::Event, "a", "1"), (FrameKind::Event, "", "2")],
            "with {end:?}"
        );
    }
}

#[test]
fn line_ends_may_be_mixed() {
    let frames = sse("data: 1\r\ndata: 2\ndata: 3\r\r\ndata: 4\n\rdata: 5\r\r");
    assert_eq!(
        told(&frames),
        [(FrameKind::Event, "", "1\n2\n3"), (FrameKind::Event, "", "4"), (FrameKind::Event, "", "5")]
    );
}

#[test]
fn a_cr_at_the_end_of_the_bytes_waits_for_its_lf() {
    let mut framer = Framer::new(Dialect::OpenaiChat);
    framer.push(b"data: 1\r\n\r");
    assert_eq!(framer.next_frame().unwrap(), None);
    assert!(!framer.is_between());
    framer.push(b"\n");
    assert_eq!(framer.next_frame().unwrap().unwrap().raw, "data: 1\r\n\r\n");
    assert!(framer.is_between());
}

#[test]
fn a_space_after_the_colon_is_optional_and_only_one_is_taken() {
    let frames = sse("data:1\n\ndata: 2\n\ndata:  3 \n\ndata:\t4\n\n");
    let data: Vec<_> = told(&frames).into_iter().map(|(_, _, data)| data).collect();
    assert_eq!(data, ["1", "2", " 3 ", "\t4"]);
}

#[test]
fn data_lines_are_joined_and_an_empty_one_is_data() {
    let frames = sse("data: {\ndata\ndata:\ndata: }\n\ndata\n\n");
    assert_eq!(told(&frames), [(FrameKind::Event, "", "{\n\n\n}"), (FrameKind::Event, "", "")]);
}

#[test]
fn comments_and_events_without_data_are_only_passed_on() {
    let frames = sse(": keep-alive\n\nevent: ping\n\nid: 1\nretry: 2\n\n\n: c\ndata: 1\n\n");
    let kinds: Vec<_> = frames.iter().map(|frame| frame.kind).collect();
    assert_eq!(
        kinds,
        [FrameKind::Empty, FrameKind::Empty, FrameKind::Empty, FrameKind::Empty, FrameKind::Event]
    );
    assert_eq!(frames[1].name, "");
}

#[test]
fn the_last_event_name_counts_and_unknown_fields_do_not() {
    let frames = sse("event: a\nevent: b\nDATA: no\ndatax: no\n data: no\ndata: 1\n\n");
    assert_eq!(told(&frames), [(FrameKind::Event, "b", "1")]);
}

#[test]
fn a_byte_order_mark_is_passed_over_at_the_beginning_only() {
    let frames = sse("\u{feff}data: 1\n\n\u{feff}data: 2\n\n");
    assert_eq!(told(&frames), [(FrameKind::Event, "", "1"), (FrameKind::Empty, "", "")]);
    assert_eq!(told(&sse("\u{feff}\n\ndata: 1\n\n")).len(), 3);
}

#[test]
fn an_event_that_is_cut_off_is_none() {
    assert_eq!(frames(Dialect::OpenaiChat, b"data: 1\n\ndata: 2\n", &[]).unwrap().len(), 1);
    assert_eq!(frames(Dialect::OpenaiChat, b"data: 1\n\ndata: 2\r", &[]).unwrap().len(), 1);
    assert_eq!(frames(Dialect::OpenaiChat, b"\r", &[]).unwrap().len(), 1);
    assert_eq!(frames(Dialect::OpenaiChat, b"", &[]).unwrap().len(), 0);
}

#[test]
fn one_line_of_data_is_not_copied() {
    let mut framer = Framer::new(Dialect::OpenaiChat);
    framer.push(b"data: hello\n\n");
    let frame = framer.next_frame().unwrap().unwrap();
    assert!(frame.raw.as_ptr_range().contains(&frame.data.as_ptr()));
}

#[test]
fn a_long_line_in_small_pieces_is_searched_once() {
    let mut searched = 0;
    let mut buffer = b"data: ".to_vec();
    for _ in 0..100 {
        buffer.extend_from_slice(b"0123456789");
        assert_eq!(super::sse::find(&buffer, &mut searched, false), None);
        assert_eq!(searched, buffer.len());
    }
}

#[test]
fn an_endless_frame_is_refused_and_so_is_a_whole_one_that_is_too_large() {
    for (dialect, end) in
        [(Dialect::OpenaiChat, "\n\n"), (Dialect::OllamaChat, "\n"), (Dialect::AnthropicMessages, "")]
    {
        let mut framer = Framer::new(dialect);
        framer.push(&vec![b'x'; FRAME_MAX_BYTES + 1]);
        framer.push(end.as_bytes());
        assert_eq!(framer.next_frame(), Err(FrameError::TooLarge));
    }
}

#[test]
fn every_line_of_json_is_a_frame() {
    let text = b"{\"a\":1}\n\r\n {\"b\":2} \r\n{\"c\":3}";
    let frames = whatever_the_cut(Dialect::OllamaChat, text);
    assert_eq!(joined(&frames), text);
    assert_eq!(
        told(&frames),
        [
            (FrameKind::Event, "", "{\"a\":1}"),
            (FrameKind::Empty, "", ""),
            (FrameKind::Event, "", "{\"b\":2}"),
            (FrameKind::Event, "", "{\"c\":3}"),
        ]
    );
}

#[test]
fn an_awkward_stream_is_read_as_the_specification_says() {
    let text = include_bytes!("../../fixtures/frames/awkward.sse");
    assert_eq!(
        told(&whatever_the_cut(Dialect::OpenclawChat, text)),
        [
            (FrameKind::Event, "", "{\"n\":1}"),
            (FrameKind::Empty, "", ""),
            (FrameKind::Event, "delta", "{\"n\":\n2}"),
            (FrameKind::Empty, "", ""),
            (FrameKind::Event, "", ""),
            (FrameKind::Event, "", "[DONE]"),
        ]
    );
    let lines = include_bytes!("../../fixtures/frames/awkward.ndjson");
    let values: Vec<_> =
        whatever_the_cut(Dialect::OllamaChat, lines).into_iter().map(|frame| frame.data).collect();
    assert_eq!(values, ["{\"n\":1}", "", "{\"n\":2}", "{\"n\":3}"]);
}

#[test]
fn recorded_streams_are_framed_whole_whatever_the_cut() {
    for (folder, dialect) in [
        ("openai_chat", Dialect::OpenaiChat),
        ("openai_responses", Dialect::OpenaiChat),
        ("anthropic_messages", Dialect::AnthropicMessages),
        ("ollama_chat", Dialect::OllamaChat),
        ("bedrock_converse_stream", Dialect::BedrockConverse),
        ("bedrock_invoke", Dialect::BedrockConverse),
    ] {
        for exchange in recorded::exchanges(folder).iter().filter(|exchange| exchange.is_stream) {
            let bytes = &exchange.reply;
            let whole = frames(dialect, bytes, &[]).unwrap();
            assert_eq!(joined(&whole), bytes[..], "{}", exchange.name);
            assert_eq!(frames(dialect, bytes, &every_byte(bytes)).unwrap(), whole, "{}", exchange.name);
            let step = (bytes.len() / 97).max(1);
            for cut in (0..bytes.len()).step_by(step) {
                assert_eq!(frames(dialect, bytes, &[cut]).unwrap(), whole, "{} cut at {cut}", exchange.name);
            }
        }
    }
}

fn any_cuts() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 0..12)
}

fn sorted(cuts: &[prop::sample::Index], length: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(length + 1)).collect();
    cuts.sort_unstable();
    cuts
}

proptest! {
    #[test]
    fn any_cut_of_any_lines_gives_the_same_frames(
        text in "(\u{feff})?(data|event|id|:|x| |:|\r|\n|\r\n){0,40}",
        cuts in any_cuts(),
    ) {
        let bytes = text.as_bytes();
        for dialect in [Dialect::OpenaiChat, Dialect::OllamaChat] {
            let whole = frames(dialect, bytes, &[]).unwrap();
            prop_assert_eq!(&frames(dialect, bytes, &sorted(&cuts, bytes.len())).unwrap(), &whole);
            prop_assert!(bytes.starts_with(&joined(&whole)));
        }
    }

    #[test]
    fn any_bytes_are_frames_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), cuts in any_cuts()) {
        for dialect in Dialect::ALL {
            let cuts = sorted(&cuts, bytes.len());
            prop_assert_eq!(frames(dialect, &bytes, &cuts), frames(dialect, &bytes, &[]));
        }
    }
}
