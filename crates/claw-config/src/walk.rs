//! One pass over one configuration: what was found wrong, what was read, and where.
//!
//! Every reader shares one walk, so that nothing stops at the first problem. It knows no key by name.

use std::cell::RefCell;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use claw_hub::Secret;
use zeroize::Zeroizing;

use crate::problem::{Fault, Problem};
use crate::reference::{Reference, ReferenceError, Sources, read_bounded};

/// Certificates and key sets may have this many bytes.
const LONGEST_FILE_BYTES: u64 = 1 << 20;

/// One pass over one configuration.
pub(crate) struct Walk {
    line_starts: Vec<usize>,
    pub(crate) sources: Arc<Sources>,
    pub(crate) literal_secrets_allowed: bool,
    found: RefCell<Found>,
}

/// What a walk has gathered.
pub(crate) struct Found {
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) files: Vec<PathBuf>,
    digest: Context,
}

impl Found {
    /// The digest of everything that was read.
    pub(crate) fn digest(self) -> [u8; 32] {
        let digest = self.digest.finish();
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        bytes
    }

    /// The length goes first, or the end of one text could pass for the beginning of the next.
    fn take_in(&mut self, content: &[u8]) {
        self.digest.update(&(content.len() as u64).to_le_bytes());
        self.digest.update(content);
    }
}

impl Walk {
    pub(crate) fn new(text: &str, sources: Sources, literal_secrets_allowed: bool) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
        let mut found = Found {
            problems: Vec::new(),
            warnings: Vec::new(),
            files: Vec::new(),
            digest: Context::new(&SHA256),
        };
        found.take_in(text.as_bytes());
        Self { line_starts, sources: Arc::new(sources), literal_secrets_allowed, found: RefCell::new(found) }
    }

    /// The line of a byte offset, counted from 1.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// The value of a reference, which is then part of the digest.
    pub(crate) fn fetch(&self, reference: &Reference) -> Result<Option<Secret>, Fault> {
        if let Reference::File(path) = reference {
            self.found.borrow_mut().files.push(path.clone());
        }
        let fetched = self.sources.fetch(reference).map_err(|error| unresolved(&error))?;
        if let Some(secret) = &fetched {
            self.found.borrow_mut().take_in(secret.expose().as_bytes());
        }
        Ok(fetched)
    }

    /// A file that the configuration names, and its content, which is then part of the digest.
    pub(crate) fn read_file(&self, written: &str) -> Result<(PathBuf, Zeroizing<Vec<u8>>), Fault> {
        let path = self.sources.folder.join(written);
        let mut found = self.found.borrow_mut();
        found.files.push(path.clone());
        // The path may have come out of a reference, so it is not quoted.
        let content = read_bounded(&path, LONGEST_FILE_BYTES).map_err(|error| {
            let fault = Fault::new(format!("names a file that cannot be read: {error}"));
            fault.hint(format!("paths are relative to {}", self.sources.folder.display()))
        })?;
        found.take_in(&content);
        Ok((path, content))
    }

    pub(crate) fn into_found(self) -> Found {
        self.found.into_inner()
    }
}

fn unresolved(error: &ReferenceError) -> Fault {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    let fault = Fault::new(message);
    match error {
        ReferenceError::Unset(name) => fault.hint(format!("set {name} in the environment of the gateway")),
        ReferenceError::NoSecretsManager => fault.hint("write it as env:NAME or file:PATH"),
        ReferenceError::Empty | ReferenceError::Unreadable { .. } | ReferenceError::SecretsManager { .. } => {
            fault
        }
    }
}

/// A place in the configuration, to which problems and warnings are pinned.
#[derive(Clone)]
pub(crate) struct Place<'a> {
    pub(crate) walk: &'a Walk,
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
}

impl Place<'_> {
    pub(crate) fn problem(&self, value: Option<String>, fault: Fault) {
        let problem = self.pin(value, fault);
        self.walk.found.borrow_mut().problems.push(problem);
    }

    pub(crate) fn warning(&self, value: Option<String>, fault: Fault) {
        let problem = self.pin(value, fault);
        self.walk.found.borrow_mut().warnings.push(problem);
    }

    fn pin(&self, value: Option<String>, fault: Fault) -> Problem {
        let Fault { message, hint } = fault;
        Problem { path: self.path.clone(), line: self.line, value, message, hint }
    }
}
