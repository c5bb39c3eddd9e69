#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# read-back.sh [--table]: each stock label, drawn with its samples at each resolution, is read by ZXing
# and by a second reader, clean and as a worn printer leaves it (tools/worn-print.c, five seeds). What
# they read must be what the samples say, character by character. --table prints the table of
# bench/RESULTS.md instead of TAP.
set -u
export LC_ALL=C.UTF-8
SRC=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${TEM_BUILDDIR:-$SRC/build}
CLI=${TEM_CLI:-$BUILD/cli/tem}
WORN=$BUILD/tests/tools/worn-print
SEEDS="1 2 3 4 5"
TABLE=false
[ "${1:-}" = --table ] && TABLE=true

skip() {
    echo "1..0 # SKIP $*"
    exit 0
}
[ "${TEM_CHECK:-}" != dist ] || skip "the archive's labels are not read again"
# Sanitizers slow our own programs down; the readers read the same dots.
[ "${TEM_CHECK:-}" != san ] || SEEDS=1
for reader in ZXingReader zbarimg dmtxread; do
    command -v $reader >/dev/null 2>&1 || skip "$reader is not installed"
done

# ---- what must be read -----------------------------------------------------------------------------
# From the templates' samples by the GS1 General Specifications 7.8 (element strings: FNC1 as GS after
# a value of variable length that another AI follows) and GS1 Digital Link; with the symbology identifier
# of ISO/IEC 15424 in front: ]d2, ]C1 and ]Q1 say that the FNC1 in front is there, or is not (]C0).

declare -A READS=(
    [medicine-pack]=$']d201095201234567881728033110L2403A<GS>217K3QF9ZT2M'
    [farm-produce]=$']Q1https://id.example.vn/01/09520123456788/10/TL261120/21/7K3QF9ZT2M'
    [pallet]=$']C100095201234567891235\n]C1020952012345678837120\n]C110TL261120'
    [asset-tag]=$']C026004217'
)
declare -A SECOND=([medicine-pack]=dmtxread [farm-produce]=zbarimg [pallet]=zbarimg [asset-tag]=zbarimg)
LABELS="medicine-pack farm-produce pallet asset-tag"
MODELS="zpl-203 zpl-300 zpl-600"

# ZXing 1.4 looks at smaller copies of a picture as well, which reads large QR symbols but ends in an
# assertion of its own (Result.cpp:140) with large bars; so bars are read without.
declare -A ZXING_OPTION=([pallet]=-noscale [asset-tag]=-noscale)
read_with_zxing() {
    ZXingReader ${ZXING_OPTION[$label]:-} -escape "$1" 2>/dev/null |
        awk -F'"' '/^Text:/ { text = $2 } /^Identifier:/ { sub(/^Identifier: */, ""); print $0 text }' | sort
}
# These two tell neither FNC1 nor the symbology's identifier.
read_with_zbarimg() { zbarimg -q --nodbus --raw "$1" 2>/dev/null | sort; }
read_with_dmtxread() { dmtxread -n -N1 -m4000 "$1" 2>/dev/null; }

expected() { # expected LABEL READER
    if [ "$2" = zxing ]; then
        echo "${READS[$1]}"
    else
        sed -E 's/^\]..//; s/<GS>//g' <<<"${READS[$1]}"
    fi
}

# ---- reading ---------------------------------------------------------------------------------------

count=0 failed=0
verdict() { # verdict STATUS NAME
    count=$((count + 1))
    [ "$1" = 0 ] || failed=1
    $TABLE && return
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/tem-read.XXXXXX")
trap 'rm -rf "$folder"' EXIT

reads_right() { # reads_right LABEL READER PICTURE
    local got
    got=$("read_with_$2" "$3")
    [ "$got" = "$(expected "$1" "$2")" ] && return
    $TABLE || sed 's/^/# read: /' <<<"$got"
    return 1
}

# Prints a row of the table (as a comment of TAP) and judges it.
judge() { # judge LABEL MODEL READER
    local clean=no worn=0 seed all=0
    reads_right "$1" "$3" "$folder/clean.png" && clean=yes
    for seed in $SEEDS; do
        all=$((all + 1))
        reads_right "$1" "$3" "$folder/worn-$seed.png" && worn=$((worn + 1))
    done
    if $TABLE; then
        printf '| %s | %s | %s | %s | %d of %d |\n' "$1" "${2#zpl-}" "$3" "$clean" $worn $all
    fi
    [ $clean = yes ]
    verdict $? "$1 at ${2#zpl-} dpi, $3: clean"
    [ $worn = $all ]
    verdict $? "$1 at ${2#zpl-} dpi, $3: worn, $worn of $all"
}

draw() { # draw LABEL MODEL
    local seed
    rm -f "$folder"/*.png
    "$CLI" preview "$SRC/templates/stock/$1.yaml" --samples --model "$2" -o "$folder/clean.png" >/dev/null || return
    for seed in $SEEDS; do
        "$WORN" "$folder/clean.png" "$folder/worn-$seed.png" "$seed" || return
    done
}

$TABLE && printf '| label | dpi | reader | clean | worn |\n|---|---|---|---|---|\n'
for label in $LABELS; do
    for model in $MODELS; do
        draw "$label" "$model"
        verdict $? "$label at ${model#zpl-} dpi is drawn"
        judge "$label" "$model" zxing
        judge "$label" "$model" "${SECOND[$label]}"
    done
done

label=medicine-pack
# Can this test fail? The same seed wears alike and another one does not; with two thirds of its dots gone
# a label is not read; and another lot is not taken for the right one.
"$CLI" preview "$SRC/templates/stock/medicine-pack.yaml" --samples -d lot=L2403B -o "$folder/clean.png" >/dev/null
for try in a b; do "$WORN" "$folder/clean.png" "$folder/$try.png" 1; done
"$WORN" "$folder/clean.png" "$folder/c.png" 2
"$WORN" "$folder/clean.png" "$folder/lost.png" 1 66
cmp -s "$folder/a.png" "$folder/b.png"
verdict $? "one seed gives one picture"
! cmp -s "$folder/a.png" "$folder/c.png"
verdict $? "another seed gives another"
[ -z "$(read_with_zxing "$folder/lost.png")$(read_with_dmtxread "$folder/lost.png")" ]
verdict $? "a label that lost two thirds of its dots is not read"
[ "$(read_with_zxing "$folder/clean.png")" = "$(expected medicine-pack zxing | sed 's/L2403A/L2403B/')" ]
verdict $? "another lot is read as another lot"
$TABLE || echo "1..$count"
exit $failed
