//! Doors, bodies and cross-origin rules, without a socket.

mod bodies;
mod doors;
