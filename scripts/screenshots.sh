#!/usr/bin/env bash
# Takes the README's and the docs' pictures of the real thing: `modeldock serve` on the sample installs, in Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
export MODELDOCK_BIN=${MODELDOCK_BIN:-${CARGO_TARGET_DIR:-$PWD/target}/debug}
export MODELDOCK_CHROMIUM=${MODELDOCK_CHROMIUM:-$(command -v chromium)}
exec node scripts/screenshots.mjs
