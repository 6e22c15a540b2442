#!/usr/bin/env bash
# Shows that the tests of safety notice what they are there for: builds the engine with a fault in it, runs the test that
# guards against that fault, and fails unless the test does.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0

# noticed FAULT TEST: the test must fail with this fault. That it passes without is what `make test` shows.
noticed() {
  local log
  log=$(mktemp)
  if MODELDOCK_SABOTAGE=$1 cargo test -q -p modeldock-core --features sabotage --test core -- "$2" >"$log" 2>&1; then
    echo "error: $2 does not notice: $1" >&2
    status=1
  elif ! grep -q 'test result: FAILED' "$log"; then
    tail -n 30 "$log" >&2
    echo "error: $2 could not be run" >&2
    status=1
  else
    echo "noticed: $1, by $2"
  fi
  rm -f "$log"
}

noticed trust_mtime model::whatever_happens
noticed ignore_overflow model::events_that_the_kernel_dropped
noticed believe_downloads downloads::matrix::no_fault_gives_a_wrong_file_a_name_over_one
noticed accept_whole_for_part downloads::matrix::no_fault_gives_a_wrong_file_a_name_when_one
exit "$status"
