#!/bin/sh
# Removes everything that was built or installed here. The records in data/ are not touched.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/path.sh

rm -rf "$built" .venv tests/clients/node_modules
done_with "removed $built, .venv and tests/clients/node_modules"
