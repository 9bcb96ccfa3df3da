#!/bin/sh
# Runs the gateway that `make build` made, with the arguments that are given.
set -eu
cd "$(dirname "$0")/.."
. scripts/path.sh

exec "$built/release/openclaw-gateway" "$@"
