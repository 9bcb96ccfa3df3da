//! The one HTTP client that opens sockets to providers.
