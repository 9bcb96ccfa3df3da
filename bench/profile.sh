#!/bin/sh
# Where the processor time of one proxy goes: perf under a load, the top symbols as a text table.
#
#   bench/profile.sh [gateway|translated|bare] [SCENARIO] [SECONDS]      default: gateway fast 5
#
# OPENCLAW_GATEWAY_BIN names the gateway. The release profile keeps symbols, and link-time optimisation folds small
# functions into their callers; for lines instead of symbols build with
#   CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=line-tables-only
set -eu
cd "$(dirname "$0")/.."

target="${1:-gateway}"
scenario="${2:-fast}"
seconds="${3:-5}"
sh bench/install.sh --perf
built="${CARGO_TARGET_DIR:-target}/release"
cargo build --quiet --release --locked -p claw-bench
bench="$built/claw-bench"
gateway="${OPENCLAW_GATEWAY_BIN:-$built/openclaw-gateway}"
export OPENCLAW_BENCH_PROVIDER_KEY=none

work="$(mktemp -d)"
pids=""
finish() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

if [ "$(nproc)" -ge 2 ] && command -v taskset >/dev/null 2>&1; then
    beside="taskset -c 0" alone="taskset -c 1"
else
    echo "bench/profile.sh: nothing is pinned, this needs two cores and taskset" >&2
    beside="" alone=""
fi

$beside "$bench" upstream --listen 127.0.0.1:18001 &
pids="$pids $!"
prefix="" texts=47
case "$target" in
bare)
    port=18003
    $alone "$bench" proxy --listen "127.0.0.1:$port" --upstream 127.0.0.1:18001 &
    ;;
gateway | translated)
    port=18004 prefix="openai/"
    [ "$target" = gateway ] || { prefix="anthropic/" texts=46; }
    sed "s|/tmp/openclaw-bench|$work/data|" bench/gateway.toml >"$work/gateway.toml"
    $alone "$gateway" serve --config "$work/gateway.toml" &
    ;;
*)
    echo "bench/profile.sh: there is no target $target; choose gateway, translated or bare" >&2
    exit 1
    ;;
esac
proxy=$!
pids="$pids $proxy"
sleep 1
kill -0 "$proxy" 2>/dev/null || { echo "bench/profile.sh: $target did not start" >&2; exit 1; }

# The load outlasts the recording, which begins after the warm-up.
$beside "$bench" load --scenario "$scenario" --target "http://127.0.0.1:$port/v1/chat/completions" \
    --model-prefix "$prefix" --texts "$texts" --seconds "$((seconds + 1))" --warmup-seconds 1 >"$work/load.json" &
load=$!
pids="$pids $load"
sleep 1
# A virtual machine may have no cycle counter; the clock is always there.
event=cycles
perf stat -e cycles true 2>&1 | grep -q 'not supported' && event=cpu-clock
perf record -q -e "$event" -F 1999 -p "$proxy" -o "$work/perf.data" -- sleep "$seconds" >&2
wait "$load" || { echo "bench/profile.sh: the load failed:" >&2; cat "$work/load.json" >&2; exit 1; }

echo "# $target under $scenario for $seconds s ($event)"
sed 's/.*"per_second":\([0-9.]*\).*/# \1 replies a second/' "$work/load.json"
echo
table() { # SORT LIMIT LINES
    perf report -i "$work/perf.data" --stdio --no-children --sort "$1" --percent-limit "$2" 2>/dev/null |
        grep -v '^#' | sed 's/  *- *- *$//; s/   */  /g' | grep . | head -n "$3"
}
table dso 0.5 10
echo
table symbol 0.3 70
