//! One TOML file, raw to checked, every problem at once.
