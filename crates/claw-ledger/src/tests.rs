//! Tests of the whole crate: each call has exactly one record, whatever happens.

mod crash;
mod disk;
mod endings;
mod interleaving;
mod replay;
mod scene;
mod shipping;
