#!/usr/bin/env bash
# Shows that the tests of safety notice what they are there for: builds the engine with a fault in it, runs the test that
# guards against that fault, and fails unless the test does.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0

# noticed FAULT TEST [ARGUMENT…]: the test of the engine must fail with this fault. That it passes without is what
# `make test` shows.
noticed() {
  must_fail "$1" "$2" -p modeldock-core --features sabotage --test core -- "${@:2}"
}

# noticed_in_program FAULT TEST [ARGUMENT…]: the same with a test of the whole program.
noticed_in_program() {
  must_fail "$1" "$2" -p modeldock-cli --features modeldock-core/sabotage --test cli -- "${@:2}"
}

must_fail() {
  local log
  log=$(mktemp)
  if MODELDOCK_SABOTAGE=$1 cargo test -q "${@:3}" >"$log" 2>&1; then
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
noticed remove_unasked link::hostile::nothing_is_written_elsewhere
noticed believe_removals link::hostile::a_file_that_is_another_by_now
noticed believe_the_site link::hostile::another_file_than_the_one
noticed_in_program no_fsync faults::bytes_are_on_the_disk
noticed_in_program no_folder_fsync faults::bytes_are_on_the_disk
if [ "$(id -u)" = 0 ]; then
  noticed_in_program no_fsync power_cuts --ignored
  noticed_in_program no_folder_fsync power_cuts --ignored
else
  echo "not run: power cuts, which need root"
fi
exit "$status"
