#!/bin/sh
# Makes sure that there is a Rust toolchain and a C compiler, or says exactly how to get them.
# The version is pinned in rust-toolchain.toml; rustup installs it by itself.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

has cc || debian gcc libc6-dev

wanted=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
if ! has cargo; then
    if has rustup; then
        say "installing Rust $wanted with rustup"
        rustup toolchain install "$wanted" --profile minimal --component clippy,rustfmt
    fi
    has cargo || fail "Rust is not installed" \
        "install it, then open a new terminal and try again:" \
        "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" \
        "or on Debian: sudo apt-get install rustup && rustup toolchain install $wanted"
fi

# In this folder a cargo that comes from rustup is the pinned one; another must be as new.
found=$(cargo --version 2>/dev/null | cut -d ' ' -f 2) || found=''
[ -n "$found" ] || fail "cargo is there but does not run" "rustup toolchain install $wanted"
oldest=$(printf '%s\n%s\n' "$wanted" "$found" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)
[ "$oldest" = "$wanted" ] || fail "Rust $found is too old, $wanted is needed" "rustup toolchain install $wanted"
