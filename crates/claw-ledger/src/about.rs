//! What the pipeline knows of a call and the permit does not say. It holds no prompt and no reply.

use std::sync::Arc;

use claw_hub::Caller;
use ulid::Ulid;

use crate::CallKind;

/// What the pipeline says of a call when it opens its record.
#[derive(Clone, Debug)]
pub struct About {
    /// The caller's request; several calls may belong to it.
    pub request_id: Ulid,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// What the call is for.
    pub kind: CallKind,
    /// The name of the door that the request came in by.
    pub door: &'static str,
    /// The model as the caller named it.
    pub asked_model: Arc<str>,
    /// Whether the reply comes as a stream.
    pub stream: bool,
    /// Which attempt of the request this is, counted from 1.
    pub attempt: u32,
    /// Cost centres that the caller named.
    pub tags: Vec<String>,
    /// All text that is sent, in bytes, for an estimate where the provider does not say its usage.
    pub asked_bytes: u64,
}
