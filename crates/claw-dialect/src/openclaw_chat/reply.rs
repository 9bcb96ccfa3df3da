//! Whole replies, both ways.
use crate::codec::Said;
use claw_hub::{Kind, Losses, Refusal, Reply};
pub(crate) fn decode(_body: &[u8]) -> Result<Reply, Refusal> {
    Err(Refusal::caller(Kind::Internal, "not yet"))
}
pub(crate) fn encode(_reply: &Reply, _said: &Said, _losses: &mut Losses) -> Vec<u8> {
    Vec::new()
}
