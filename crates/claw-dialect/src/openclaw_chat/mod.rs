//! The dialect `openclaw_chat`: our own `POST /api/v1/chat`, described in `docs/reference/chat-api.md`.
//!
//! It says what the hub says, in the hub's words, and nothing else: an unknown field is an error. No provider speaks it; replies and streams are read for
//! our own terminal and tests.

mod part;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod stream;
mod wire;

#[cfg(test)]
mod tests;
