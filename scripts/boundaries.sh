#!/usr/bin/env bash
# Fails if something stands on the wrong side of a seam: SQL outside the store, HTTP clients outside the client crate,
# Tauri's page library outside the page's platform folder, GUI or network crates in the engine.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0
complain() { printf 'error: %s\n%s\n' "$1" "$2" >&2; status=1; }

# found PATTERN FOLDER... : lines of tracked files that match, tests and comments aside.
found() { git grep -nE "$1" -- "${@:2}" ':!*/tests/*' ':!*.md' | grep -vE '^[^:]+:[0-9]+:\s*(//|\*|#)' || true; }

hits=$(found '\brusqlite\b|"(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE) ' 'crates/*.rs' 'src-tauri/*.rs' ':!crates/core/src/store' ':!crates/simulator')
[ -z "$hits" ] || complain "SQL belongs in crates/core/src/store" "$hits"

hits=$(found '\b(reqwest|hyper|ureq)::' 'crates/*.rs' 'src-tauri/*.rs' ':!crates/civitai' ':!crates/simulator')
[ -z "$hits" ] || complain "HTTP requests belong in crates/civitai" "$hits"

hits=$(found '@tauri-apps/' 'ui/src/*.ts' 'ui/src/*.tsx' ':!ui/src/platform')
[ -z "$hits" ] || complain "@tauri-apps belongs in ui/src/platform" "$hits"

hits=$(found '\bfetch\(|new WebSocket\(|XMLHttpRequest' 'ui/src/*.ts' 'ui/src/*.tsx' ':!ui/src/platform')
[ -z "$hits" ] || complain "The page speaks to the engine through ui/src/platform" "$hits"

hits=$(grep -nE '^(tauri|clap|axum|reqwest|hyper)\b' crates/core/Cargo.toml || true)
[ -z "$hits" ] || complain "The engine knows no shell and no network library" "$hits"

[ "$status" = 0 ] && echo "boundaries: ok"
exit "$status"
