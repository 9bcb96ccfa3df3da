//! Decides which targets a caller may use.
