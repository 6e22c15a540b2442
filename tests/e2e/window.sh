#!/bin/sh
# The real window and the real tray, on a display of their own: builds the app with the page in it, starts the stand-in
# for Civitai, writes sample installations, and runs window.rs and tray.py. Pictures go to tests/e2e/out.
#
#   CARGO_TARGET_DIR      where cargo builds, as usual
#   MODELDOCK_SIMULATOR   a built civitai-simulator to use instead of building it
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
out=$root/tests/e2e/out

missing() {
    echo "error: \`$1\` is missing" >&2
    echo "hint: apt-get install xvfb xauth dbus-x11 webkit2gtk-driver imagemagick fonts-dejavu-core python3-dbus python3-gi x11-utils" >&2
    exit 1
}

if [ -z "${MODELDOCK_E2E_INSIDE:-}" ]; then
    for tool in xvfb-run dbus-run-session WebKitWebDriver xwininfo; do command -v "$tool" >/dev/null || missing "$tool"; done
    /usr/bin/python3 -c 'import dbus, gi' 2>/dev/null || missing python3-dbus

    if [ ! -e ui/dist/index.html ] || [ -n "$(find ui/src ui/index.html -newer ui/dist/index.html -print -quit)" ]; then
        [ -d ui/node_modules ] || (cd ui && npm ci)
        (cd ui && npm run build)
    fi
    # The whole workspace with these features, as everywhere else: another choice would build everything once more.
    cargo build --workspace --features modeldock-desktop/custom-protocol
    cargo test --workspace --features modeldock-desktop/custom-protocol --test window --no-run
    export MODELDOCK_SIMULATOR="${MODELDOCK_SIMULATOR:-$target/debug/civitai-simulator}" MODELDOCK_E2E_INSIDE=1
    # WEBKIT_DISABLE_DMABUF_RENDERER must not be set: WebDriver's screenshots would hang.
    export LIBGL_ALWAYS_SOFTWARE=1 GDK_BACKEND=x11 NO_AT_BRIDGE=1
    exec xvfb-run --auto-servernum --server-args="-screen 0 1400x900x24" dbus-run-session -- "$0" "$@"
fi

work=$(mktemp -d)
simulator_id=
end() {
    [ -z "$simulator_id" ] || kill "$simulator_id" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
mkdir -p "$work/home" "$work/data" "$out"
mkdir -m 700 "$work/runtime"
export XDG_RUNTIME_DIR=$work/runtime

: >"$work/simulator.log"
# A model that takes some seconds to download.
"$MODELDOCK_SIMULATOR" --write-sample-tree "$work/home" --made 67108864 --storage-speed 2000000 \
    >"$work/simulator.log" 2>&1 &
simulator_id=$!
tries=0
until url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$work/simulator.log" | head -n 1) && [ -n "$url" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ]; then
        cat "$work/simulator.log" >&2
        echo "error: civitai-simulator did not start" >&2
        exit 1
    fi
    sleep 0.1
done
models=$(sed -n 's/.*"comfyui":"\([^"]*\)".*/\1/p' "$work/simulator.log" | head -n 1)/models/loras
made=$(sed -n 's/.*"event":"made".*"version":\([0-9]*\).*/\1/p' "$work/simulator.log" | head -n 1)

# Cargo needs the real HOME; the app gets this one, so that it finds the sample installations and nothing of yours.
export MODELDOCK_E2E_HOME=$work/home MODELDOCK_E2E_DATA=$work/data MODELDOCK_E2E_OUT=$out MODELDOCK_CIVITAI_URL=$url MODELDOCK_E2E_VERSION=$made
cargo test --workspace --features modeldock-desktop/custom-protocol --test window -- --ignored --test-threads=1 "$@"

HOME=$work/home /usr/bin/python3 "$root/tests/e2e/tray.py" "$target/debug/modeldock-desktop" "$work/data" "$url" "$models" "$made"
