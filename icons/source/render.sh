#!/bin/sh
# Draws every icon file from the SVG sources beside this script. The results are committed; run it after changing a source.
#
#   needs: rsvg-convert (librsvg2-bin), convert (imagemagick), png2icns (icnsutils)
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

draw() { rsvg-convert --width "$2" --height "$2" "$1.svg" --output "$3"; }

draw modeldock 32 ../32x32.png
draw modeldock 128 ../128x128.png
draw modeldock 256 ../128x128@2x.png
draw modeldock 512 ../icon.png
for size in 16 24 32 48 64 128 256 512 1024; do draw modeldock "$size" "$work/$size.png"; done
convert "$work/16.png" "$work/24.png" "$work/32.png" "$work/48.png" "$work/64.png" "$work/256.png" ../icon.ico
png2icns ../icon.icns "$work/16.png" "$work/32.png" "$work/48.png" "$work/128.png" "$work/256.png" "$work/512.png" "$work/1024.png" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
}
for state in idle busy paused error; do draw "tray-$state" 64 "../tray-$state.png"; done
# Tauri reads RGBA only; a picture that happens to need fewer channels would be written with fewer.
for file in ../*.png; do convert "$file" -define png:color-type=6 -strip "$file"; done
