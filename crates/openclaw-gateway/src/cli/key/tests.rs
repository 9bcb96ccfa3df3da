//! What `key create` prints is what the configuration takes and the gateway lets in.

use clap::Parser;
use claw_config::{Expiry, LoadOptions};

use super::*;

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: KeyCommand,
}

fn parsed(words: &[&str]) -> Result<CreateArgs, clap::Error> {
    let KeyCommand::Create(args) = Line::try_parse_from([&["key", "create"], words].concat())?.command;
    Ok(args)
}

/// The configuration that has the snippet, read as `serve` reads it.
fn loaded(snippet: &str) -> claw_config::Loaded {
    let rest = "[[policy.allow]]\nmodels = [\"*\"]\n\n[providers.ollama]\ndialect = \"ollama_chat\"\n\
        base_url = \"http://127.0.0.1:11434\"\n\n[ledger]\nfolder = \"ledger\"\n";
    let text = format!("version = 1\n\n{snippet}\n{rest}");
    claw_config::parse(&text, std::path::Path::new("."), LoadOptions::default())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_key_has_its_prefix_and_256_random_bits() {
    let (one, other) = (fresh().unwrap(), fresh().unwrap());
    assert_ne!(one, other);
    for key in [one, other] {
        let random = URL_SAFE_NO_PAD.decode(key.strip_prefix("oc_").unwrap()).unwrap();
        assert_eq!(random.len(), 32);
    }
}

#[test]
fn the_snippet_is_taken_by_the_configuration_with_all_that_was_asked_for() {
    let args = parsed(&[
        "--id",
        "nightly.report",
        "--user",
        "o\"hara \\ co",
        "--tenant",
        "finance",
        "--scope",
        "chat:write",
        "--scope",
        "chat:read",
        "--expires",
        "2199-01-01T00:00:00Z",
    ])
    .unwrap();
    let loaded = loaded(&snippet(&args, "oc_example"));
    let key = &loaded.config.identity.keys[0];
    assert_eq!(key.sha256, claw_identity::hash("oc_example"));
    assert_eq!(
        (key.id.as_str(), key.user.as_str(), key.tenant.as_str()),
        ("nightly.report", "o\"hara \\ co", "finance")
    );
    assert_eq!(key.scopes, [Scope::ChatWrite, Scope::ChatRead]);
    assert_eq!(key.expires, Expiry::At("2199-01-01T00:00:00Z".parse().unwrap()));
}

#[test]
fn the_shortest_snippet_is_taken_too() {
    let loaded = loaded(&snippet(&parsed(&["--id", "ci"]).unwrap(), "oc_example"));
    let key = &loaded.config.identity.keys[0];
    assert_eq!((key.user.as_str(), key.tenant.as_str()), ("ci", "default"));
    assert_eq!((key.scopes.as_slice(), key.expires), (&[Scope::ChatWrite][..], Expiry::Never));
}

#[test]
fn what_the_configuration_would_refuse_is_refused_at_once() {
    for words in [
        &["--id", "two words"][..],
        &["--id", ""],
        &["--id", "ci", "--scope", "chat"],
        &["--id", "ci", "--tenant", " "],
        &["--id", "ci", "--expires", "tomorrow"],
        &["--tenant", "finance"],
    ] {
        assert!(parsed(words).is_err(), "{words:?}");
    }
}
