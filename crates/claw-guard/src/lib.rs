//! Looks at all text that will be sent.
