#!/bin/sh
# Lists the recipes of the Makefile with what stands behind their `##`.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh

printf 'OpenClaw Gateway\n\n'
sed -n 's/^\([a-z]*\):[^#]*## \(.*\)$/\1|\2/p' Makefile | while IFS='|' read -r name what; do
    printf '  %smake %-8s%s %s\n' "$title" "$name" "$plain" "$what"
done
