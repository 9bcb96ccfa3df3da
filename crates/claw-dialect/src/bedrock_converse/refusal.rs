//! Errors, both ways.
use crate::codec::Rendered;
use claw_hub::{Kind, Refusal};
pub(crate) fn encode(_refusal: &Refusal, _request_id: &str) -> Rendered {
    Rendered { status: 500, headers: Vec::new(), body: Vec::new() }
}
pub(crate) fn decode<'h>(_status: u16, _header: &dyn Fn(&str) -> Option<&'h str>, _body: &[u8]) -> Refusal {
    Refusal::caller(Kind::Internal, "not yet")
}
