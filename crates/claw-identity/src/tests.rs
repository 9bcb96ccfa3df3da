//! Tests come with the issuer.
