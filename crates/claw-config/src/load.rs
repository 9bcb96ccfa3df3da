//! From a file to a checked configuration, or to the list of everything that is wrong with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeTable;

use crate::checked::{self, Checked};
use crate::problem::{Problem, Problems};
use crate::reader::Reader;
use crate::reference::{ReadEnv, ResolveSecret, Sources, read_bounded};
use crate::walk::Walk;

/// A configuration is written by people: this is more than any of them writes.
const LONGEST_CONFIGURATION_BYTES: u64 = 1 << 20;

/// Where references are looked up, and what is allowed.
#[derive(Clone)]
pub struct LoadOptions {
    /// Reads an environment variable.
    pub env: Arc<ReadEnv>,
    /// Reads AWS Secrets Manager; without it a reference to a secret there is a problem.
    pub secrets_manager: Option<Arc<dyn ResolveSecret>>,
    /// Whether secrets may be written into the configuration itself, as a demo does.
    pub allow_literal_secrets: bool,
}

impl Default for LoadOptions {
    /// The environment of the process, no AWS, no literal secrets.
    fn default() -> Self {
        Self {
            env: Arc::new(|name: &str| std::env::var(name).ok()),
            secrets_manager: None,
            allow_literal_secrets: false,
        }
    }
}

/// A configuration that can be used.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Checked,
    /// What is allowed, and yet looks like a mistake.
    pub warnings: Vec<Problem>,
    /// SHA-256 over the text and everything that it refers to: equal digests mean that nothing changed.
    pub digest: [u8; 32],
    /// The files that were read beside the configuration itself, each once: a change of one changes the digest.
    pub files: Vec<PathBuf>,
}

/// Reads and checks a file. It blocks on the disk, and on AWS if the file refers to it.
pub fn load(path: &Path, options: LoadOptions) -> Result<Loaded, Problems> {
    let of_file = |message: String| {
        let path = path.display().to_string();
        Problems(vec![Problem { path, line: None, value: None, message, hint: None }])
    };
    let bytes = read_bounded(path, LONGEST_CONFIGURATION_BYTES)
        .map_err(|error| of_file(format!("cannot be read: {error}")))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| of_file(format!("is not UTF-8: {error}")))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    parse(text, folder.unwrap_or(Path::new(".")), options)
}

/// Checks a text whose paths are relative to a folder.
pub fn parse(text: &str, folder: &Path, options: LoadOptions) -> Result<Loaded, Problems> {
    let LoadOptions { env, secrets_manager, allow_literal_secrets } = options;
    let sources = Sources { env, secrets_manager, folder: folder.to_owned() };
    let walk = Walk::new(text, sources, allow_literal_secrets);
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // What a broken text means is a guess, so it is not checked further.
        return Err(Problems(errors.iter().map(|error| broken(error, &walk)).collect()));
    }
    let config = checked::read(&Reader::root(&walk, table.get_ref(), checked::KEYS));
    let mut found = walk.into_found();
    found.problems.sort_by_key(|problem| problem.line);
    found.warnings.sort_by_key(|problem| problem.line);
    if !found.problems.is_empty() {
        return Err(Problems(found.problems));
    }
    let warnings = std::mem::take(&mut found.warnings);
    let mut files = std::mem::take(&mut found.files);
    files.sort();
    files.dedup();
    Ok(Loaded { config, warnings, digest: found.digest(), files })
}

/// The parser's message quotes nothing of the text, which may hold a secret where it is broken.
fn broken(error: &toml::de::Error, walk: &Walk) -> Problem {
    Problem {
        path: "(syntax)".to_owned(),
        line: error.span().map(|span| walk.line_at(span.start)),
        value: None,
        message: error.message().to_owned(),
        hint: None,
    }
}
