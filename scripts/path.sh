# Where cargo lies and where it builds to. Sourced by the other scripts.
# shellcheck shell=sh

# A shell that was opened before Rust was installed does not know the folder yet.
[ -d "${CARGO_HOME:-$HOME/.cargo}/bin" ] && PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
export PATH

# shellcheck disable=SC2034  # used by whoever sources this
built="${CARGO_TARGET_DIR:-target}"
