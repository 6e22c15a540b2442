#!/usr/bin/env bash
# Measures the page in Chromium and the desktop app's memory, with 20,000 models; see bench.mjs. Ends with 1 where a goal is
# missed. A debug build measures too, but its figures say little.
#
#   MODELDOCK_BIN            where the programs are, instead of target/release
#   MODELDOCK_BENCH_MODELS   another number of models
set -euo pipefail
cd "$(dirname "$0")/../.."
export MODELDOCK_BIN=${MODELDOCK_BIN:-${CARGO_TARGET_DIR:-$PWD/target}/release}
export MODELDOCK_CHROMIUM=${MODELDOCK_CHROMIUM:-$(command -v chromium || true)}
[ -n "$MODELDOCK_CHROMIUM" ] || {
  echo "error: No Chromium was found" >&2
  echo "hint: Install chromium, or name one in MODELDOCK_CHROMIUM" >&2
  exit 1
}
for program in modeldock civitai-simulator modeldock-desktop examples/bare; do
  [ -x "$MODELDOCK_BIN/$program" ] || {
    echo "error: $MODELDOCK_BIN/$program is missing" >&2
    echo "hint: make bench builds it" >&2
    exit 1
  }
done
for tool in xvfb-run dbus-run-session; do
  command -v "$tool" >/dev/null || {
    echo "error: \`$tool\` is missing" >&2
    echo "hint: scripts/setup.sh test" >&2
    exit 1
  }
done
# The window needs a display and a bus of its own; Chromium needs neither.
exec xvfb-run --auto-servernum --server-args="-screen 0 1400x900x24" dbus-run-session -- node tests/e2e/bench.mjs
