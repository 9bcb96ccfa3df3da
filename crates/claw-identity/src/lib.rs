//! Says who is calling: hashed API keys and signed tokens.
