//! Load, upstream and bare proxy for `make bench`.
fn main() {}
