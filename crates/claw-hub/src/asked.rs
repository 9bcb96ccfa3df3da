//! What passes between admission and permission: a decoded request, who asks, and where it could go.

use std::sync::Arc;

use crate::{Caller, Request, Target};

/// A request with its candidate targets, before anything was judged.
#[derive(Debug)]
pub struct Asked {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// What is asked.
    pub request: Request,
    /// Where it could go, in the order of preference; never empty.
    pub candidates: Vec<Target>,
}

/// A request whose texts were looked at.
#[derive(Debug)]
pub struct Inspected {
    /// What was asked, changed where the guard changed it.
    pub asked: Asked,
    /// What was found, by detector.
    pub findings: Vec<&'static str>,
}
