//! How much at once, and what is held while a call runs.
