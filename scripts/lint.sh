#!/bin/sh
# Checks format, lints and scripts, without changing anything.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

sh scripts/rust.sh
say "format (cargo fmt; mend with: cargo fmt --all)"
cargo fmt --all --check
say "lints (cargo clippy)"
cargo clippy --locked --workspace --all-targets -- -D warnings
say "scripts (sh -n, and shellcheck where it is installed)"
for script in scripts/*.sh bench/*.sh bench/run; do
    sh -n "$script"
done
bash -n .ci/run
if has shellcheck; then
    shellcheck --external-sources scripts/*.sh bench/*.sh bench/run .ci/run
fi
done_with "format, lints and scripts"
