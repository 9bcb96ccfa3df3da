#!/bin/sh
# Installs what the benchmark needs beyond cargo: nginx to compare with and taskset to pin with; perf with --perf.
# It says what is missing and installs it with apt-get; where that is not possible it says what to install by hand.
set -eu

missing=""
need() { # COMMAND PACKAGE
    PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need nginx nginx-light
need taskset util-linux
[ "${1:-}" = "--perf" ] && need perf linux-perf
[ -n "$missing" ] || exit 0

echo "bench/install.sh: missing:$missing" >&2
if ! command -v apt-get >/dev/null 2>&1; then
    echo "bench/install.sh: there is no apt-get here; install these with your system's own tool" >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "bench/install.sh: run this as root: apt-get install$missing" >&2
        exit 1
    }
    as_root=sudo
fi
echo "bench/install.sh: installing with apt-get:$missing" >&2
$as_root apt-get update -q >&2
# Run level 1 keeps the package from starting nginx as a service on port 80.
# shellcheck disable=SC2086  # package names are words
$as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >&2
