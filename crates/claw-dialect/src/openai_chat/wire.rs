//! Names and tables of the wire format.
