//! Values that are written elsewhere: `env:NAME`, `file:PATH`, `secretsmanager:NAME#key`.
//!
//! A secret keeps its reference, so that it can be read again when a provider refuses it. Nothing here knows
//! which key asked for a value, nor how AWS is spoken to: that is behind [`ResolveSecret`].

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use claw_hub::Secret;
use zeroize::Zeroizing;

use crate::problem::Fault;

/// A value in a file may have this many bytes: keys and passwords are far shorter.
const LONGEST_VALUE_BYTES: u64 = 64 << 10;

/// Any error of a foreign store of secrets.
pub type ForeignError = Box<dyn std::error::Error + Send + Sync>;

/// Reads secrets out of AWS Secrets Manager.
///
/// It is called where blocking is allowed: while a configuration is loaded, and by [`SecretRef::resolve`].
pub trait ResolveSecret: Send + Sync {
    /// The secret of that name or ARN; with a key, the string under that key of the JSON object it holds.
    fn resolve(&self, name: &str, key: Option<&str>) -> Result<Secret, ForeignError>;
}

/// Where a value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `env:NAME`: an environment variable.
    Env(String),
    /// `file:PATH`: a file, its path joined to the folder of the configuration file.
    File(PathBuf),
    /// `secretsmanager:NAME#key`: AWS Secrets Manager.
    SecretsManager {
        /// The name or the ARN of the secret.
        name: String,
        /// The key in the JSON object that the secret is; without it the secret is the value.
        key: Option<String>,
    },
    /// Nowhere else: the value itself stands in the configuration, which only a demo may do.
    Literal,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::SecretsManager { name, key: Some(key) } => write!(f, "secretsmanager:{name}#{key}"),
            Self::SecretsManager { name, key: None } => write!(f, "secretsmanager:{name}"),
            Self::Literal => f.write_str("(written in the configuration)"),
        }
    }
}

impl Reference {
    /// Whether a text is meant as a reference, well-formed or not.
    pub(crate) fn is_written(text: &str) -> bool {
        ["env:", "file:", "secretsmanager:"].iter().any(|prefix| text.starts_with(prefix))
    }

    /// Reads a reference; `None` if the text is an ordinary value.
    pub(crate) fn parse(text: &str, folder: &Path) -> Result<Option<Self>, Fault> {
        if let Some(name) = text.strip_prefix("env:") {
            return env(name).map(Some);
        }
        if let Some(path) = text.strip_prefix("file:") {
            return match path {
                "" => Err(Fault::new("names no file").hint("write it as file:PATH")),
                path => Ok(Some(Self::File(folder.join(path)))),
            };
        }
        text.strip_prefix("secretsmanager:").map(secrets_manager).transpose()
    }
}

fn env(name: &str) -> Result<Reference, Fault> {
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if first && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Ok(Reference::Env(name.to_owned()));
    }
    Err(Fault::new("is not the name of an environment variable")
        .hint("write it as env:NAME, with letters, digits and underscores"))
}

fn secrets_manager(text: &str) -> Result<Reference, Fault> {
    let (name, key) = match text.split_once('#') {
        Some((name, key)) => (name, Some(key)),
        None => (text, None),
    };
    let known = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@:-".contains(&b);
    if name.is_empty() || !name.bytes().all(known) || key.is_some_and(str::is_empty) {
        return Err(Fault::new("is not the name of a secret").hint("write it as secretsmanager:NAME#key"));
    }
    Ok(Reference::SecretsManager { name: name.to_owned(), key: key.map(str::to_owned) })
}

/// Why a reference has no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The environment has no such variable.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// There is a value, and it is empty.
    #[error("what it refers to is empty")]
    Empty,
    /// The file cannot be read, is not a file, or is longer than 64 KiB.
    #[error("the file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program was started without a reader for AWS Secrets Manager.
    #[error("nothing here can read AWS Secrets Manager")]
    NoSecretsManager,
    /// AWS Secrets Manager did not give the secret.
    #[error("the secret {name} cannot be read")]
    SecretsManager {
        /// The name or ARN.
        name: String,
        /// Why.
        source: ForeignError,
    },
}

/// Reads an environment variable by its name.
pub type ReadEnv = dyn Fn(&str) -> Option<String> + Send + Sync;

/// All that is needed to resolve a reference, now or later.
pub(crate) struct Sources {
    pub(crate) env: Arc<ReadEnv>,
    pub(crate) secrets_manager: Option<Arc<dyn ResolveSecret>>,
    pub(crate) folder: PathBuf,
}

impl Sources {
    /// The value of a reference; `None` for a literal, whose value is not elsewhere. Never empty.
    pub(crate) fn fetch(&self, reference: &Reference) -> Result<Option<Secret>, ReferenceError> {
        let secret = match reference {
            Reference::Literal => return Ok(None),
            Reference::Env(name) => {
                Secret::new((self.env)(name).ok_or_else(|| ReferenceError::Unset(name.clone()))?)
            }
            Reference::File(path) => read_value(path)
                .map_err(|source| ReferenceError::Unreadable { path: path.clone(), source })?,
            Reference::SecretsManager { name, key } => {
                let manager = self.secrets_manager.as_ref().ok_or(ReferenceError::NoSecretsManager)?;
                manager
                    .resolve(name, key.as_deref())
                    .map_err(|source| ReferenceError::SecretsManager { name: name.clone(), source })?
            }
        };
        if secret.expose().is_empty() { Err(ReferenceError::Empty) } else { Ok(Some(secret)) }
    }
}

/// The trimmed text of a file: editors and `kubectl` leave a newline behind.
fn read_value(path: &Path) -> io::Result<Secret> {
    let bytes = read_bounded(path, LONGEST_VALUE_BYTES)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Secret::new(text.trim()))
}

/// Reads a regular file of at most so many bytes: a pipe would block and a device would never end.
pub(crate) fn read_bounded(path: &Path, limit_bytes: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    std::fs::File::open(path)?.take(limit_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is longer than {limit_bytes} bytes"),
        ));
    }
    Ok(bytes)
}

/// A secret together with the place that it came from.
#[derive(Clone)]
pub struct SecretRef {
    reference: Reference,
    current: Secret,
    sources: Arc<Sources>,
}

impl SecretRef {
    pub(crate) fn new(reference: Reference, current: Secret, sources: Arc<Sources>) -> Self {
        Self { reference, current, sources }
    }

    /// Where the secret is written.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The secret as it was when the configuration was loaded.
    pub fn current(&self) -> &Secret {
        &self.current
    }

    /// Reads the secret again, for instance because a provider refused the current one.
    ///
    /// It may block on a file or on the network: call it where blocking is allowed. A literal stays what it is.
    pub fn resolve(&self) -> Result<Secret, ReferenceError> {
        Ok(self.sources.fetch(&self.reference)?.unwrap_or_else(|| self.current.clone()))
    }
}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretRef({})", self.reference)
    }
}
