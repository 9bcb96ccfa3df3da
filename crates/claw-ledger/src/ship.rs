//! From the spool to the database, on a thread of its own, so that no request ever waits for a database. It knows the lines
//! and the store, and nothing of who writes or asks.

mod handle;
mod tail;
mod worker;

pub use handle::{Drained, Shipper};
pub use worker::ShipError;

pub(crate) use handle::Parts;

#[cfg(test)]
pub(crate) use tail::Tail;
