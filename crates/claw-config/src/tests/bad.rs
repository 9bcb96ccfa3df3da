//! Bad files, and every problem that they must show at once.

use super::fixture::{Folder, NEEDED, options};
use crate::schema::TABLES;
use crate::{Problems, load};

/// Expects a text, together with what every configuration needs, to have exactly these problems.
fn check(text: &str, expected: &[&str]) {
    let problems = Folder::new().problems(&format!("version = 1\n{text}\n{NEEDED}"));
    assert_eq!(problems, expected, "of\n{text}");
}

#[test]
fn many_problems_are_reported_in_one_pass() {
    let text = include_str!("bad.toml");
    let expected: Vec<_> = include_str!("bad.txt").trim_end().split("\n\n").map(str::to_owned).collect();
    assert_eq!(Folder::new().problems(text), expected);
}

#[test]
fn an_empty_file_lacks_a_version_and_somebody_who_may_call() {
    assert_eq!(
        Folder::new().problems(""),
        [
            "version: is required",
            "identity: names nobody: without an issuer or a key no caller can be known\n    hint: add [[identity.issuers]] or [[identity.keys]]",
        ]
    );
}

#[test]
fn an_unknown_key_has_a_hint_to_the_nearest_or_to_its_table() {
    check(
        "[server]\nlistne = 1\nmax_conections = 1\n[limits]\nworkers = 2\n[ledger]\nquux = 3",
        &[
            "line 3: server.listne: is not a key of this table\n    hint: did you mean `listen`?",
            "line 4: server.max_conections: is not a key of this table\n    hint: did you mean `max_connections`?",
            "line 6: limits.workers: is not a key of this table\n    hint: `workers` belongs in `[server]`",
            "line 8: ledger.quux: is not a key of this table\n    hint: the keys here are folder, spool_segment, flush_every, region",
        ],
    );
}

#[test]
fn an_unsafe_listener_is_refused() {
    check(
        "[server]\nlisten = '0.0.0.0:8080'\nadmin_listen = '[::]:8081'\ncors_origins = ['*']",
        &[
            "line 3: server.listen = \"0.0.0.0:8080\": would serve plain HTTP to other machines\n    hint: set [server.tls], or allow_insecure_public = true if a load balancer in front speaks TLS",
            "line 4: server.admin_listen = \"[::]:8081\": would open the admin listener to other machines\n    hint: keep it on 127.0.0.1, or set allow_insecure_public = true",
            "line 5: server.cors_origins[0] = \"*\": must be an exact origin: no wildcard lets only your pages in\n    hint: list each origin, as \"https://chat.example.com\"",
        ],
    );
    check(
        "[server]\nlisten = '127.0.0.1:1'\nadmin_listen = '127.0.0.1:1'",
        &[
            "line 4: server.admin_listen = \"127.0.0.1:1\": is the address of the public listener too\n    hint: give the two listeners different ports",
        ],
    );
}

#[test]
fn quantities_have_units_and_bounds() {
    check(
        "[server]\nkeep_alive_every = '16s'\nheader_deadline = 10\nmax_body = '32MB'\nmax_header_bytes = 100\nworkers = -1\nmax_connections = 0",
        &[
            "line 3: server.keep_alive_every = \"16s\": must lie between 1ms and 15s",
            "line 4: server.header_deadline = 10: must be a duration in quotes, as \"10s\", not an integer",
            "line 5: server.max_body = \"32MB\": is not a size\n    hint: write a whole number and one of the units B, KiB, MiB, GiB, as \"32MiB\", or a number of bytes",
            "line 6: server.max_header_bytes = 100: must lie between 8KiB and 1MiB",
            "line 7: server.workers = -1: must be a whole number from 0 to 1024",
            "line 8: server.max_connections = 0: must be a whole number from 1 to 1000000",
        ],
    );
}

#[test]
fn files_that_are_named_must_be_what_they_should_be() {
    let folder = Folder::new();
    let text = format!(
        "version = 1\n[server]\nlisten = '0.0.0.0:1'\ntls = {{ certificate = 'tls.key', key = 'jwks.json' }}\n\
         [[identity.issuers]]\nissuer = 'https://a.example'\nclient_ids = ['a']\njwks_file = 'private-jwks.json'\n\
         [[identity.issuers]]\nissuer = 'https://b.example'\nclient_ids = ['a']\njwks_file = 'tls.crt'\n\
         [[identity.issuers]]\nissuer = 'http://c.example'\nclient_ids = []\njwks_file = 'none.json'\n{NEEDED}"
    );
    let problems = folder.problems(&text);
    let first: Vec<_> = problems.iter().map(|problem| problem.lines().next().unwrap()).collect();
    assert_eq!(
        first,
        [
            "line 4: server.tls.certificate = \"tls.key\": holds no certificate in PEM form",
            "line 4: server.tls.key = \"jwks.json\": holds no private key in PEM form",
            "line 8: identity.issuers[0].jwks_file = \"private-jwks.json\": holds a private or symmetric key",
            "line 12: identity.issuers[1].jwks_file = \"tls.crt\": is not a file of JSON: invalid number at line 1 column 2",
            "line 14: identity.issuers[2].issuer = \"http://c.example\": must be an https URL",
            "line 15: identity.issuers[2].client_ids: must not be empty",
            "line 16: identity.issuers[2].jwks_file = \"none.json\": names a file that cannot be read: No such file or directory (os error 2)",
        ]
    );
}

#[test]
fn nobody_may_be_known_twice() {
    let key = "[[identity.keys]]\nid = 'ci'\nsha256 = 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd'\nscopes = ['admin']\n";
    let issuer =
        "[[identity.issuers]]\nissuer = 'https://a.example'\nclient_ids = ['a']\njwks_file = 'jwks.json'\n";
    check(
        &format!("{key}{key}{issuer}{issuer}tenant = 'a'\ntenant_claim = 'b'"),
        &[
            "line 7: identity.keys[1].id: is that of an earlier entry too",
            "line 8: identity.keys[1].sha256: is that of an earlier entry too",
            "line 15: identity.issuers[1].issuer: is that of an earlier entry too",
            "line 18: identity.issuers[1].tenant = \"a\": contradicts tenant_claim: the tenant is fixed or in a claim, not both\n    hint: keep one of the two",
        ],
    );
}

#[test]
fn credentials_that_contradict_each_other_are_refused() {
    let provider = |table: &str| format!("[providers.p]\n{table}");
    check(
        &provider("dialect = 'openai_chat'"),
        &[
            "line 2: providers.p.api_keys: must hold at least one key\n    hint: write api_keys = [\"env:NAME\"], or auth = \"none\" if the provider asks for no key",
        ],
    );
    check(
        &provider(
            "dialect = 'ollama_chat'\nauth = 'none'\napi_keys = ['env:KEY']\nauth_header = 'x-api-key'\naws = {}\nregions = ['us-east-1']",
        ),
        &[
            "line 5: providers.p.api_keys: contradicts auth, which is not \"api_key\"\n    hint: leave it out",
            "line 6: providers.p.auth_header: contradicts auth, which is not \"api_key\"\n    hint: leave it out",
            "line 7: providers.p.aws: contradicts auth, which is not \"aws\"\n    hint: leave it out",
            "line 8: providers.p.regions: means nothing to a provider that is not on AWS\n    hint: leave it out",
        ],
    );
    check(
        &provider(
            "dialect = 'bedrock_converse'\naws = { external_id = 'x', assume_role = 'arn:aws:iam::1:role/r' }",
        ),
        &[
            "line 2: providers.p.regions: must name at least one region\n    hint: write regions = [\"us-east-1\"]",
            "line 4: providers.p.aws.assume_role = \"arn:aws:iam::1:role/r\": is not the ARN of a role\n    hint: write it as \"arn:aws:iam::123456789012:role/NAME\"",
        ],
    );
    check(
        &provider("dialect = 'openai_chat'\nauth = 'aws'\nregions = ['us-east-1']"),
        &["line 2: providers.p.base_url: is required"],
    );
}

#[test]
fn addresses_that_would_leak_are_refused() {
    let provider = |url: &str| format!("[providers.p]\ndialect = 'ollama_chat'\nbase_url = '{url}'");
    check(
        &provider("http://ollama.internal:11434"),
        &[
            "line 4: providers.p.base_url = \"http://ollama.internal:11434\": would send prompts and keys in the clear\n    hint: use https, or set allow_http = true if the network in between is yours",
        ],
    );
    check(
        &provider("https://user:hunter2@ollama.example"),
        &[
            "line 4: providers.p.base_url = \"https://***@ollama.example\": must not hold a user or a password\n    hint: leave out what stands before the @; credentials have keys of their own",
        ],
    );
    check(
        "[providers.p]\ndialect = 'bedrock_converse'\nregions = ['us-east-1', 'us-west-2']\nbase_url = 'https://one.example'",
        &[
            "line 5: providers.p.base_url = \"https://one.example\": is one address for several regions\n    hint: write {region} where the region stands, or keep one region",
        ],
    );
}

#[test]
fn names_must_not_be_mistaken_for_something_else() {
    check(
        "[providers.v1]\ndialect = 'ollama_chat'\n[providers.Big]\ndialect = 'ollama_chat'\n[models.auto]\ntargets = ['needed/a']\n[models.'a/b']\ntargets = ['nedeed/a', 'needed', 'needed/a', 'needed/a']",
        &[
            "line 2: providers.v1: is a reserved word, which cannot name a provider\n    hint: name it \"v1-1\", or after its vendor",
            "line 4: providers.Big: is not a name for a provider\n    hint: begin with a-z and use at most 32 of a-z, 0-9 and -",
            "line 6: models.auto: is a reserved word, which cannot name a model",
            "line 8: models.\"a/b\": must hold neither / nor *\n    hint: provider/model needs no entry here: clients may send it as it is",
            "line 9: models.\"a/b\".targets[0] = \"nedeed/a\": names a provider that is not configured\n    hint: did you mean \"needed/...\"?",
            "line 9: models.\"a/b\".targets[1] = \"needed\": is not provider/model\n    hint: write it as \"openai/gpt-5\"",
            "line 9: models.\"a/b\".targets[3] = \"needed/a\": is listed twice",
        ],
    );
}

#[test]
fn every_broken_line_of_syntax_is_reported() {
    let problems = Folder::new().problems("version = 1\nlisten = \n[server\nx = 1\nversion = 2\n");
    assert!(problems.len() >= 2, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.contains("(syntax)")), "{problems:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_one_problem() {
    let folder = Folder::new();
    let Problems(problems) = load(&folder.path().join("none.toml"), options()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.starts_with("cannot be read"), "{}", problems[0]);
    std::fs::write(folder.path().join("latin.toml"), [b'#', 0xe9]).unwrap();
    let Problems(problems) = load(&folder.path().join("latin.toml"), options()).unwrap_err();
    assert!(problems[0].message.starts_with("is not UTF-8"), "{}", problems[0]);
    assert!(load(folder.path(), options()).is_err(), "a folder is no file");
}

#[test]
fn every_key_of_the_schema_is_read_and_has_a_type() {
    let folder = Folder::new();
    for (table, keys) in TABLES {
        for key in keys {
            let header = match table {
                "" => String::new(),
                "identity.issuers" | "identity.keys" | "policy.allow" => format!("[[{table}]]\n"),
                table => format!("[{}]\n", table.replace("NAME", "p")),
            };
            let list = if header.starts_with("[[") { "[0]" } else { "" };
            let table = table.replace("NAME", "p");
            let path = format!("{table}{list}{}{key}", if table.is_empty() { "" } else { "." });
            // No key of any type can be a day without a time.
            let Problems(problems) = folder.parse(&format!("{header}{key} = 1979-05-27")).unwrap_err();
            assert!(problems.iter().any(|problem| problem.path == path), "{path} is not read: {problems:?}");
        }
    }
}

#[test]
fn what_looks_like_a_mistake_is_a_warning() {
    let folder = Folder::new();
    let text = format!(
        "version = 1\n[limits]\nconcurrency_per_caller = 9\nmax_requests_in_flight = 5\n\
         [[policy.allow]]\nmodels = ['opnai/*', 'needed/*', 'p/listed', 'p/unlisted', 'ghost']\n\
         [[identity.keys]]\nid = 'old'\nsha256 = 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd'\n\
         scopes = ['admin']\nexpires = '2001-01-01T00:00:00Z'\n\
         [models.m]\ntargets = ['p/lsited']\n\
         [providers.p]\ndialect = 'openai_chat'\nauth = 'none'\nmodels = ['listed']\nbase_url = 'https://v.example/v1'\n{NEEDED}"
    );
    let warnings = folder.warnings(&text);
    let first: Vec<_> = warnings.iter().map(|warning| warning.lines().next().unwrap()).collect();
    assert_eq!(
        first,
        [
            "line 3: limits.concurrency_per_caller = 9: is more than max_requests_in_flight, so that one caller can fill the gateway",
            "line 6: policy.allow[0].models[0] = \"opnai/*\": matches no model of any provider, and is no name in [models]",
            "line 6: policy.allow[0].models[3] = \"p/unlisted\": matches no model of any provider, and is no name in [models]",
            "line 6: policy.allow[0].models[4] = \"ghost\": matches no model of any provider, and is no name in [models]",
            "line 11: identity.keys[0].expires = \"2001-01-01T00:00:00Z\": is in the past: the key is refused",
            "line 13: models.m.targets[0] = \"p/lsited\": is not among the models of `p`",
            "line 18: providers.p.base_url = \"https://v.example/v1\": ends with /v1, which is appended with the rest of the path",
        ]
    );
}

#[test]
fn a_gateway_that_denies_everything_is_warned_about() {
    let text = NEEDED.split("[[policy.allow]]").next().unwrap();
    let warnings = Folder::new().warnings(&format!("version = 1\n{text}"));
    assert!(warnings.iter().any(|warning| warning.starts_with("policy: allows nothing")), "{warnings:?}");
    assert!(warnings.iter().any(|warning| warning.starts_with("providers: is empty")), "{warnings:?}");
}
