#!/usr/bin/env bash
# The page in a real browser: `modeldock serve` on sample installations, the simulated Civitai beside it, Chromium in
# front. Pictures go to tests/e2e/out. Arguments are names of files in tests/e2e/browser, without their ending, and
# options of node's test runner, such as --test-name-pattern=search.
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
options=() files=()
for argument in "$@"; do
  case $argument in
    -*) options+=("$argument") ;;
    *) files+=("tests/e2e/browser/$argument.test.mjs") ;;
  esac
done
[ ${#files[@]} -gt 0 ] || files=(tests/e2e/browser/*.test.mjs)
# Each file has a home, a server and a browser of its own.
exec node --test --test-reporter=spec --test-concurrency="${MODELDOCK_E2E_JOBS:-2}" "${options[@]}" "${files[@]}"
