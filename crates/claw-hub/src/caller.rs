//! Who is calling, as `claw-identity` found out.

use std::sync::Arc;

/// What a caller may do at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Chat, embeddings, preferences.
    ChatWrite,
    /// Models, sessions, usage, own requests.
    ChatRead,
    /// `/admin/v1`.
    Admin,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::ChatWrite, Self::ChatRead, Self::Admin];

    /// The bare name, as tokens and configuration write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChatWrite => "chat:write",
            Self::ChatRead => "chat:read",
            Self::Admin => "admin",
        }
    }

    /// The scope of that bare name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// How the caller proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An API key known by its hash.
    ApiKey,
    /// A signed token.
    Token,
}

/// A caller whose identity was verified.
#[derive(Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user or program; unique within the tenant.
    pub user: Arc<str>,
    /// The tenant that pays and that sees the records.
    pub tenant: Arc<str>,
    /// Groups, for policies.
    pub groups: Vec<Arc<str>>,
    /// What it may do at all.
    pub scopes: Vec<Scope>,
    /// How it proved who it is.
    pub credential: Credential,
    /// The id of the key, or the issuer of the token.
    pub credential_id: Arc<str>,
}

impl Caller {
    /// Whether it holds a scope.
    pub fn holds(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}
