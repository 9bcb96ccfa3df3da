//! The only crate that knows foreign JSON: five wire formats to and from the hub.
