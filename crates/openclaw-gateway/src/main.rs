//! The binary: reads the command line and hands over to `cli`.
fn main() {}
