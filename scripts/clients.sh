#!/bin/sh
# Drives the built gateway with the official SDKs, and runs the examples of the documents. Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

sh scripts/setup.sh
case "$built" in
    /*) ;;
    *) built="$PWD/$built" ;;
esac
OPENCLAW_GATEWAY_BIN="${OPENCLAW_GATEWAY_BIN:-$built/release/openclaw-gateway}"
export OPENCLAW_GATEWAY_BIN
say "real clients and the examples of the documents (pytest)"
.venv/bin/python -m pytest --import-mode=importlib -p no:cacheprovider -q tests/docs tests/clients "$@"
