//! The whole way, as a caller sees it: the real binary, real sockets, simulated providers. One binary for all, so that it links once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it found, and ends at the first surprise"
)]

mod cancelled;
mod client;
mod drain;
mod fallback;
mod forged;
mod refused;
mod reload;
mod running;
mod silence;
mod vendor;
