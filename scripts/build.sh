#!/bin/sh
# Builds the gateway for real use. The first time takes minutes, because the whole program is optimised at once.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

sh scripts/rust.sh
say "building $built/release/openclaw-gateway"
cargo build --release --locked -p openclaw-gateway
