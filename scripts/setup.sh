#!/usr/bin/env bash
# Makes a machine ready to build (`setup.sh build`), to build and test (`setup.sh test`), or for the long campaigns as well
# (`setup.sh long`).
#
# On Debian and Ubuntu, missing packages are installed through apt; anywhere else, what is missing is named and nothing
# is touched. It is quiet and quick when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-build}

build_packages=(build-essential pkg-config libwebkit2gtk-4.1-dev libgtk-3-dev libayatana-appindicator3-dev librsvg2-dev)
test_packages=(xvfb xauth dbus-x11 gnome-keyring x11-utils webkit2gtk-driver chromium imagemagick fonts-dejavu-core python3 python3-dbus python3-gi python3-socketio python3-aiohttp b3sum coreutils util-linux)

long_packages=(xfsprogs e2fsprogs mount)

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $1"; say "hint: $2"; exit 1; }

command -v cargo >/dev/null || fail "Rust is not installed" "Install it from https://rustup.rs, then run this again"
rust=$(rustc --version | cut -d' ' -f2)
[ "$(printf '%s\n1.89.0\n' "$rust" | sort -V | head -n1)" = 1.89.0 ] ||
  fail "Rust $rust is too old: 1.89 or newer is needed" "Run: rustup update stable"
command -v npm >/dev/null || fail "Node.js is not installed" "Install Node.js 20 or newer with npm, then run this again"
node=$(node --version | tr -d v)
[ "${node%%.*}" -ge 20 ] || fail "Node.js $node is too old: 20 or newer is needed" "Install a newer Node.js, then run this again"

packages=("${build_packages[@]}")
if [ "$what" != build ]; then packages+=("${test_packages[@]}"); fi
if [ "$what" = long ]; then packages+=("${long_packages[@]}"); fi

if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
  missing=()
  for package in "${packages[@]}"; do
    # Ubuntu's chromium is a snap that a test cannot drive; a browser named in MODELDOCK_CHROMIUM serves instead.
    if [ "$package" = chromium ] && [ -n "${MODELDOCK_CHROMIUM:-}" ]; then continue; fi
    status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    case "$status" in ii*) ;; *) missing+=("$package") ;; esac
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "Installing with apt: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" != 0 ]; then
      command -v sudo >/dev/null || fail "Installing packages needs root" "Run as root: apt-get install ${missing[*]}"
      as_root=(sudo)
    fi
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
           apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      fail "apt could not install what is missing" "See the lines above, or install by hand: ${missing[*]}"
    fi
    rm -f "$log"
  fi
elif [ "$(uname -s)" = Linux ]; then
  missing=()
  pkg-config --exists webkit2gtk-4.1 2>/dev/null || missing+=("WebKitGTK 4.1 (development files)")
  pkg-config --exists gtk+-3.0 2>/dev/null || missing+=("GTK 3 (development files)")
  pkg-config --exists ayatana-appindicator3-0.1 2>/dev/null || missing+=("Ayatana AppIndicator 3 (development files)")
  pkg-config --exists librsvg-2.0 2>/dev/null || missing+=("librsvg 2 (development files)")
  if [ "$what" != build ]; then
    for program in Xvfb dbus-run-session gnome-keyring-daemon WebKitWebDriver chromium import python3 b3sum; do
      command -v "$program" >/dev/null || missing+=("the program $program")
    done
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    say "error: This system lacks:"
    for name in "${missing[@]}"; do say "  $name"; done
    fail "They cannot be installed from here on this system" "Install them with your package manager, then run this again"
  fi
fi

# `npm ci` starts from nothing, so it runs only when the lock file is newer than what was installed from it.
if [ ! -f ui/node_modules/.package-lock.json ] || [ ui/package-lock.json -nt ui/node_modules/.package-lock.json ]; then
  say "Installing the page's packages with npm"
  (cd ui && npm ci --no-audit --no-fund --loglevel=error >&2)
  touch ui/node_modules/.package-lock.json
fi
