//! A chat reply as a stream of lines. It must not know when they are sent.
//!
//! <https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion>

use bytes::BytesMut;

use super::error;
use super::reply::{Message, Reply, last, line};
use crate::script::Script;
use crate::steps::Step;
use crate::wire::{Writer, append_json};

/// Renders the lines of one reply.
#[derive(Default)]
pub(crate) struct Lines {
    sent: u64,
}

impl Lines {
    fn send(&mut self, reply: &Reply<'_>, out: &mut BytesMut) {
        append_json(out, reply);
        out.extend_from_slice(b"\n");
    }

    fn number(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }
}

impl Writer for Lines {
    fn write(&mut self, script: &Script, step: &Step<'_>, out: &mut BytesMut) {
        match step {
            Step::Piece { body, text, .. } => {
                let number = self.number();
                self.send(&line(script, number, Message::of(body, text)), out);
            }
            // The end of an answer tells nothing that the last line does not.
            Step::Begin | Step::Open { .. } | Step::Close { .. } | Step::Finish { .. } => {}
            Step::End => {
                let number = self.number();
                self.send(&last(script, number, Message::empty()), out);
            }
        }
    }

    fn fault(&mut self, script: &Script, status: Option<u16>, out: &mut BytesMut) {
        append_json(out, &error::body(&error::of_status(status.unwrap_or(500), &script.model)));
        out.extend_from_slice(b"\n");
    }
}
