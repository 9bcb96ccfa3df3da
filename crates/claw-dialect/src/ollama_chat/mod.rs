//! The dialect `ollama_chat`: Ollama's own `POST /api/chat`. <https://docs.ollama.com/api/chat>
//!
//! It streams unless told otherwise, forces no tool, counts no cache and signs nothing. It must not know what any model can do: the facts of the
//! target say that.

pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod stream;
mod wire;

#[cfg(test)]
mod tests;
