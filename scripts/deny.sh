#!/bin/sh
# Checks the dependencies' licences, sources and advisories by deny.toml.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

cargo deny --version >/dev/null 2>&1 || fail "cargo-deny is not installed" "cargo install --locked cargo-deny"
cargo deny --workspace check bans licenses sources
# This one fetches the database of advisories.
cargo deny --workspace check advisories
