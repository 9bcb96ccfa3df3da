//! The one language that every stage speaks.
//!
//! A request, its content and tools, the events of a reply, usage, stop reasons and refusals, and the typed proofs
//! that a stage was passed. It knows no wire format, does no I/O and reads no configuration.

mod asked;
mod caller;
mod content;
mod dialect;
mod event;
mod hold;
mod json;
mod loss;
mod model;
mod proof;
mod refusal;
mod request;
mod secret;
mod stop;
mod tool;
mod usage;
mod visit;

pub use asked::{Asked, Inspected};
pub use caller::{Caller, Credential, Scope};
pub use content::{CacheMark, Extra, Media, Message, Part, PartKind, Role, Source, Thought};
pub use dialect::Dialect;
pub use event::{Delta, Event, Reply, Start};
pub use hold::{Hold, Release};
pub use json::Json;
pub use loss::{Change, Loss, Losses};
pub use model::{AnthropicVersion, MaxTokensField, ModelFacts, Provenance, Target, ThinkingStyle};
pub use proof::{Call, Permitted, Proof};
pub use refusal::{Fault, Kind, Refusal, Retry};
pub use request::{Effort, Format, Raw, Request, Sampling, Thinking, ThinkingMode};
pub use secret::Secret;
pub use stop::Stop;
pub use tool::{Tool, ToolChoice};
pub use usage::Usage;
pub use visit::Visit;

#[cfg(test)]
mod tests;
