#!/usr/bin/env bash
# The whole test suite, after `setup.sh test`. Each part names itself, so that the last heading names what failed.
set -euo pipefail
cd "$(dirname "$0")/.."
features=(--features modeldock-desktop/custom-protocol)
target=${CARGO_TARGET_DIR:-target}

part() { printf '\n== %s\n' "$*"; }

part "Page: types, lints, unit tests, build"
(cd ui && npm run --silent typecheck && npm run --silent lint && npm run --silent test && npm run --silent build)

part "Boundaries"
scripts/boundaries.sh

part "Rust: unit, contract and whole-product tests"
cargo build --workspace "${features[@]}"
cargo test --workspace "${features[@]}"

part "Reference: docs/reference.md is what the program says"
"$target/debug/modeldock" reference | diff -u docs/reference.md - ||
  { echo "error: docs/reference.md is stale" >&2; echo "hint: run make docs" >&2; exit 1; }

part "Browser: the page against modeldock serve in Chromium"
tests/e2e/browser.sh

part "Window: the real window under Xvfb"
tests/e2e/window.sh
