#!/bin/sh
# Installs what the tests need beyond the source: Rust, and for tests/clients a Python environment in .venv and Node
# packages beside them. What is there already is left alone, so that it can run before every test.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

sh scripts/rust.sh

requirements=tests/clients/requirements.txt
if [ -f "$requirements" ]; then
    has python3 || debian python3 python3-venv
    if ! cmp -s "$requirements" .venv/installed.txt; then
        say "installing Python packages into .venv"
        python3 -m venv .venv 2>/dev/null || {
            debian python3-venv
            python3 -m venv .venv
        }
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements"
        cp "$requirements" .venv/installed.txt
    fi
fi

lock=tests/clients/package-lock.json
if [ -f "$lock" ]; then
    { has node && has npm; } || debian nodejs npm
    if ! cmp -s "$lock" tests/clients/node_modules/.installed.json; then
        say "installing Node packages into tests/clients/node_modules"
        npm ci --prefix tests/clients --no-audit --no-fund --loglevel=error
        cp "$lock" tests/clients/node_modules/.installed.json
    fi
fi
