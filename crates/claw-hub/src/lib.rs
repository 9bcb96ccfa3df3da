//! The one language that every stage speaks: request, content, tool, event, usage, stop, proofs.
