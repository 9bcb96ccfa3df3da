//! HTTP in and out: listeners, doors, bodies, answers, refusals in the caller's dialect.
//!
//! It calls a [`Serve`] that the binary implements, and sees no stage. It opens no socket to a provider and bills nothing.

mod answer;
mod body;
mod connection;
mod cors;
mod door;
mod listen;
mod phase;
mod tls;

pub use answer::{Answer, Body, ReplyBody};
pub use body::{BodyLimits, read as read_body};
pub use connection::{Arrival, Serve, ServeSettings, serve_connection};
pub use cors::Cors;
pub use door::{Door, Doors, Listing, Route, Surface};
pub use listen::{ListenError, Listener, accept_loop};
pub use phase::{Phase, PhaseSender, PhaseWatch, phases};
pub use tls::{Tls, TlsError};

#[cfg(test)]
mod tests;
