#!/usr/bin/env bash
# Cuts the power in the middle of downloads, on file systems in images. Needs root, to mount them.
set -euo pipefail
cd "$(dirname "$0")/.."
printf '\n== %s\n' "Power cuts"
if [ "$(id -u)" != 0 ]; then
  echo "not run: it needs root, to mount file systems"
  exit 0
fi
cargo test -p modeldock-cli --test cli -- --ignored power_cuts
