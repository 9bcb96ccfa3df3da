//! HTTP in and out: listeners, doors, bodies, refusals rendered in the caller's dialect.
