//! The four providers, simulated faithfully, sharing no code with the codecs.
