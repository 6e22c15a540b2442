#!/usr/bin/env bash
# The page in a real browser: `modeldock serve` on sample installations, the simulated Civitai beside it, Chromium in
# front. Pictures go to tests/e2e/out. Arguments go to node's test runner, such as --test-name-pattern=search.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-$PWD/target}
export MODELDOCK_BIN=${MODELDOCK_BIN:-$target/debug}
export MODELDOCK_CHROMIUM=${MODELDOCK_CHROMIUM:-$(command -v chromium || true)}
[ -n "$MODELDOCK_CHROMIUM" ] || {
  echo "error: No Chromium was found" >&2
  echo "hint: Install chromium, or name one in MODELDOCK_CHROMIUM" >&2
  exit 1
}
for program in modeldock civitai-simulator; do
  [ -x "$MODELDOCK_BIN/$program" ] || {
    echo "error: $MODELDOCK_BIN/$program is missing" >&2
    echo "hint: make build" >&2
    exit 1
  }
done
exec node --test --test-reporter=spec --test-concurrency=1 "$@" tests/e2e/browser.test.mjs
