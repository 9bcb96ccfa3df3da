//! Streamed replies, both ways.
use crate::codec::Said;
use crate::frame::Frame;
use bytes::Bytes;
use claw_hub::Event;
/// Reads one streamed reply.
#[derive(Debug, Default)]
pub struct Decoder {}
impl Decoder {
    pub(crate) fn frame(&mut self, _frame: &Frame, _out: &mut Vec<Event>) {}
    pub(crate) fn finish(&mut self, _out: &mut Vec<Event>) {}
}
/// Writes one streamed reply.
#[derive(Debug)]
pub struct Encoder {}
impl Encoder {
    pub(crate) fn new(_said: Said) -> Self {
        Self {}
    }
    pub(crate) fn event(&mut self, _event: &Event, _out: &mut Vec<u8>) {}
}
pub(crate) fn keep_alive() -> Bytes {
    Bytes::new()
}
