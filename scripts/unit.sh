#!/bin/sh
# Runs the tests of the Rust code, those in its documentation too. Arguments go to cargo, such as `-p claw-edge`.
# Tests that had to leave something out say `SKIPPED:`; with CI=true that is a failure.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

sh scripts/rust.sh
[ $# -gt 0 ] || set -- --workspace
if cargo nextest --version >/dev/null 2>&1; then
    say "tests (cargo nextest)"
    cargo nextest run --locked "$@"
    log="$built/nextest/default/junit.xml"
else
    say "tests (cargo test; with cargo-nextest it is faster)"
    mkdir -p "$built"
    log="$built/tests.log"
    # A pipe to tee would hide the exit code.
    cargo test --locked --lib --bins --tests "$@" -- --show-output >"$log" 2>&1 || {
        cat "$log"
        exit 1
    }
    grep -E '^(test result|     Running)' "$log" || true
fi
say "tests in the documentation"
cargo test --locked --doc -q "$@"

skipped=$(grep -ho 'SKIPPED: [^<]*' "$log" | sort -u) || true
if [ -n "$skipped" ]; then
    printf '%s\n' "$skipped" >&2
    [ "${CI:-}" != true ] || fail "tests left something out, see above"
fi
