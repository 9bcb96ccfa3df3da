//! What is known of each model, as data.
