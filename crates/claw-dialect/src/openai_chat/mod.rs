//! The dialect `openai_chat`: OpenAI Chat Completions, and every vendor that is compatible with it.
//! <https://platform.openai.com/docs/api-reference/chat>
//!
//! It must not know any vendor by name: what vendors do differently is read wherever it cannot be mistaken for something else.
//!
//! What re-encoding in this dialect does not keep, because it means the same: several consecutive plain system messages become
//! one, a list of one text becomes a string, `stop` becomes a list, a `response_format` of type `text` is left out, `max_tokens` and `max_completion_tokens` become the one that the model
//! takes, and a stream always asks for usage. Bodies that nobody changed are forwarded as they are and keep all of that.

mod content;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod stream;
mod usage;
mod wire;

#[cfg(test)]
mod tests;
