//! Every provider call has exactly one record.
//!
//! A call is opened by appending a line to a spool, with one `write(2)`, before the provider is called; it is settled by
//! appending a second line, however it ends. A thread of its own carries the lines into SQLite, and at the next start
//! what a dead process left is carried on: a call that was opened and never settled is settled as orphaned.
//!
//! What is safe when: the death of the process loses nothing, the death of the power up to `flush_every`, the death of the
//! machine's disk what was not shipped (`Shipper::backlog`).
//!
//! No database call stands in the way of a request here, and nothing here knows HTTP, wire formats or prices.
//!
//! A call cannot be opened without the proofs of the stages before, and only this crate can prove that one was opened:
//!
//! ```compile_fail
//! let forged = claw_ledger::Key(());
//! ```

mod about;
mod entry;
mod estimate;
mod ledger;
mod line;
mod meter;
mod record;
mod settings;
mod ship;
mod spool;
mod store;

pub use about::About;
pub use entry::{End, Entry};
pub use ledger::{Key, Ledger};
pub use meter::{Backlog, Counts};
pub use record::{CallKind, Ending, Opening, Record, Settlement};
pub use settings::{Settings, SetupError, start};
pub use ship::{Drained, ShipError, Shipper};
pub use spool::Spool;
pub use store::{Records, StoreError, Which};

#[cfg(test)]
mod tests;
