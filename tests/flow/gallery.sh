#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# gallery.sh [--refresh]: the pictures of docs/gallery.md and the README are what Tem draws today, dot
# for dot. --refresh draws them anew; look at them before you commit them.
set -u
export LC_ALL=C.UTF-8
SRC=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${TEM_BUILDDIR:-$SRC/build}
CLI=${TEM_CLI:-$BUILD/cli/tem}
TOOLS=$BUILD/tests/tools
IMAGES=$SRC/docs/images
LABELS="medicine-pack farm-produce pallet asset-tag"
SHEET_HEIGHT=1216 # the pallet's, so that the others stand beside it

[ "${TEM_CHECK:-}" != dist ] || { echo "1..0 # SKIP the archive's pictures are not drawn again"; exit 0; }
[ -d /usr/share/fonts/truetype/roboto ] || { echo "1..0 # SKIP the stock labels' fonts are not installed"; exit 0; }

draw_all() { # draw_all FOLDER
    local label dpi
    for label in $LABELS; do
        for dpi in 203 300; do
            "$CLI" preview "$SRC/templates/stock/$label.yaml" --samples --model zpl-$dpi \
                -o "$1/$label-$dpi.png" >/dev/null || return
        done
    done
    "$TOOLS/lay-out" "$1/stock-labels.png" $SHEET_HEIGHT \
        "$1/pallet-203.png" "$1"/{farm-produce,medicine-pack,asset-tag}-300.png
}

if [ "${1:-}" = --refresh ]; then
    draw_all "$IMAGES"
    exit
fi

count=0 failed=0
verdict() { # verdict STATUS NAME
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        failed=1
        echo "not ok $count - $2"
    fi
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/tem-gallery.XXXXXX")
trap 'rm -rf "$folder"' EXIT
draw_all "$folder"
verdict $? "all pictures are drawn"
for picture in "$folder"/*.png; do
    name=$(basename "$picture")
    said=$("$TOOLS/same-dots" "$IMAGES/$name" "$picture")
    verdict $? "docs/images/$name: $said"
    grep -q "images/$name" "$SRC/docs/gallery.md" "$SRC/README.md"
    verdict $? "docs/images/$name is shown"
done
for label in "$SRC"/templates/stock/*.yaml; do
    [[ " $LABELS " == *" $(basename "$label" .yaml) "* ]]
    verdict $? "$(basename "$label") has its pictures"
done
# The comparison itself: another lot is another picture.
"$CLI" preview "$SRC/templates/stock/medicine-pack.yaml" --samples -d lot=L2403B -o "$folder/other.png" >/dev/null
! "$TOOLS/same-dots" "$folder/medicine-pack-203.png" "$folder/other.png" >/dev/null
verdict $? "another lot is another picture"
[ $failed = 0 ] || echo "# when the change is meant: tests/flow/gallery.sh --refresh, and look"
echo "1..$count"
exit $failed
