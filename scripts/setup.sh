#!/bin/sh
# Installs what the tests need beyond the source: Rust, a Python environment in .venv for all of tests/, and Node packages
# in tests/clients. What is there already is left alone, so that it can run before every test.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

sh scripts/rust.sh

has python3 || debian python3 python3-venv
wanted=$(cat tests/*/requirements.txt)
if [ "$wanted" != "$(cat .venv/installed.txt 2>/dev/null)" ]; then
    say "installing Python packages into .venv"
    python3 -m venv .venv 2>/dev/null || {
        debian python3-venv
        python3 -m venv .venv
    }
    set --
    for requirements in tests/*/requirements.txt; do
        set -- "$@" -r "$requirements"
    done
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"
    printf '%s\n' "$wanted" >.venv/installed.txt
fi

lock=tests/clients/package-lock.json
if [ -f "$lock" ]; then
    { has node && has npm; } || debian nodejs npm
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
        fail "Node $(node --version) is too old, 20 or newer is needed" "install it from https://nodejs.org"
    if ! cmp -s "$lock" tests/clients/node_modules/.installed.json; then
        say "installing Node packages into tests/clients/node_modules"
        npm ci --prefix tests/clients --no-audit --no-fund --loglevel=error
        cp "$lock" tests/clients/node_modules/.installed.json
    fi
fi
has curl || debian curl
