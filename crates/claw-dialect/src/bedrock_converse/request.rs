//! Requests, both ways.
use bytes::Bytes;
use claw_hub::{Kind, Losses, Refusal, Request, Target};
pub(crate) fn decode(_body: &Bytes, _asked: &crate::codec::Asked) -> Result<Request, Refusal> {
    Err(Refusal::caller(Kind::Internal, "not yet"))
}
pub(crate) fn encode(_request: &Request, _target: &Target, _losses: &mut Losses) -> Result<Vec<u8>, Refusal> {
    Err(Refusal::caller(Kind::Internal, "not yet"))
}
