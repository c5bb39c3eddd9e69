#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh BUILD [--keep]: 100 of each stock label through a real CUPS onto four virtual printers side by
# side, with temd killed in the middle and cupsd restarted, then every label read back and each number
# asked back from temd. `./quickstart demo` runs it.
BUILD=$(cd "${1:?usage: demo.sh BUILD [--keep]}" && pwd)
KEEP=${2:-}
export BUILD
. "$(dirname "$0")/lib.sh"

EACH=100
OUT=$SRC/demo-out
SHEET=$BUILD/tests/tools/lay-out
SHEET_HEIGHT=1264 # five medicine packs, or a pallet label

# The plant. Speeds are such that all four printers are busy when temd is killed and cupsd restarted;
# the pallets' is ten times a real one's.
# template      printer  model    dots/m stock    mm/s pieces data
PLANT="
medicine-pack   line     zpl-203  8000   50x30    300  1      products.csv
farm-produce    packing  zpl-300  11811  70x50    500  1      produce.csv
pallet          dock     zpl-203  8000   102x152  3500 2      pallets.csv
asset-tag       office   zpl-300  11811  40x20    250  1      assets.csv
"
TEMPLATES=$(awk 'NF { print $1 }' <<<"$PLANT")
declare -A PRINTER MODEL DOTS STOCK SPEED PIECES DATA JOBS
while read -r template printer model dots stock speed pieces data; do
    [ -n "$template" ] || continue
    PRINTER[$template]=$printer MODEL[$template]=$model DOTS[$template]=$dots STOCK[$template]=$stock
    SPEED[$template]=$speed PIECES[$template]=$pieces DATA[$template]=$data
done <<<"$PLANT"
ALL=$((EACH * 4))
ALL_PIECES=$((EACH * 5))

step() { printf '%s\n' "$*"; }

progress() { # progress TEXT: one line that is written over on a terminal
    [ -t 1 ] && printf '\r\033[K  %s' "$*"
}

all_drawn() { cat "$DIR"/out-*/labels.jsonl 2>/dev/null | grep -c '"kind":"label"'; }

# ---- printing --------------------------------------------------------------------------------------

plant_start() {
    local template specs=()
    cups_start || return
    for template in $TEMPLATES; do
        printer_start "${PRINTER[$template]}" --speed-mm-s "${SPEED[$template]}" --labels-loaded 1000 \
            --dots-per-m "${DOTS[$template]}" --width-dots 1248 || return
        queue_add "${PRINTER[$template]}" "${PRINTER[$template]}"
        specs+=("${PRINTER[$template]}:${MODEL[$template]}:full:${STOCK[$template]}")
    done
    temd_config "${specs[@]}"
    temd_start
}

order_all() {
    local template
    for template in $TEMPLATES; do
        JOBS[$template]=$(tem print "$template" --printer "${PRINTER[$template]}" \
            --csv "$SRC/tests/demo/${DATA[$template]}" --no-wait --json | jq -r .id)
        [ -n "${JOBS[$template]}" ] || return
    done
}

all_at_rest() {
    local template
    for template in $TEMPLATES; do job_at_rest "${JOBS[$template]}" || return; done
}

all_closed() {
    local template
    for template in $TEMPLATES; do job_is "${JOBS[$template]}" closed || return; done
}

print_until() { # print_until PIECES: so many are on paper, or all jobs rest
    local n
    while :; do
        n=$(all_drawn)
        progress "$n of $ALL_PIECES pieces on paper"
        [ "$n" -ge "$1" ] && break
        all_at_rest && break
        sleep 0.2
    done
    [ -t 1 ] && printf '\r\033[K'
    return 0
}

DOUBT=0
# What an operator does with doubt, so that a job can end: at once where its template holds the job,
# else when all its other labels are printed.
settle() { # settle TEMPLATE
    local job=${JOBS[$1]} n
    api GET "/v1/jobs/$job" >"$DIR/job.json"
    n=$(jq '.counts | if .in_doubt > 0 and .reserved + .sending == 0 then .in_doubt else 0 end' "$DIR/job.json")
    [ "$(jq -r .state "$DIR/job.json")" != held ] || n=$(jq .counts.in_doubt "$DIR/job.json")
    [ "$n" -gt 0 ] || return 0
    DOUBT=$((DOUBT + n))
    step "  $1: $n labels may or may not be on paper; the operator scans the roll"
    wait_for 5 printer_idle "${PRINTER[$1]}"
    SCAN_ROLL=$ALL_PIECES CLEARED=true resolve_as_seen "$job" "${PRINTER[$1]}" || exit 1
}

finish_all() {
    local template
    until all_closed; do
        for template in $TEMPLATES; do settle "$template"; done
        progress "$(all_drawn) of $ALL_PIECES pieces on paper"
        [ $SECONDS -gt 120 ] && break
        sleep 0.3
    done
    [ -t 1 ] && printf '\r\033[K'
    return 0
}

# ---- reading back ----------------------------------------------------------------------------------

# The pictures of what is on the rolls, in the order in which it was printed.
collect() {
    local template printer n png
    rm -rf "$OUT"
    mkdir -p "$OUT/labels"
    for template in $TEMPLATES; do
        n=0
        printer=${PRINTER[$template]}
        while read -r png; do
            grep -qxF "$png" "$DIR/thrown" && continue
            n=$((n + 1))
            cp "$png" "$(printf '%s/labels/%s-%03d.png' "$OUT" "$template" $n)"
        done < <(roll_end "$printer" 100000)
    done
}

# TEMPLATE, a tab, PICTURE, a tab, SCAN: of each picture the symbol that has its number.
decode_all() {
    local template
    for template in $TEMPLATES; do
        scan_pictures "$OUT/labels/$template"-*.png | sed "s/^/$template\t/" >"$DIR/scans-$template" &
        PIDS[decode-$template]=$!
    done
    for template in $TEMPLATES; do
        wait "${PIDS[decode-$template]}"
        unset "PIDS[decode-$template]"
    done
    cat "$DIR"/scans-* | awk -F'\t' '$1 != "pallet" || $3 ~ /^\]C100/'
}

# One JSON object a picture: what was read, and what temd says of it.
report_lines() {
    paste "$DIR/decoded" <(cut -f3 "$DIR/decoded" | ask_scans) |
        jq -R 'split("\t") | {template: .[0], picture: (.[1] | sub(".*/labels/"; "labels/")), scan: .[2],
            label: (.[3] | fromjson)}'
}

# Counts labels: one is on paper when all its pieces are.
judgement() {
    local jobs pieces template
    jobs=$(for template in $TEMPLATES; do jq -n --arg t "$template" --argjson j "${JOBS[$template]}" '{($t): $j}'; done | jq -s add)
    pieces=$(for template in $TEMPLATES; do jq -n --arg t "$template" --argjson p "${PIECES[$template]}" '{($t): $p}'; done | jq -s add)
    jq -n --argjson jobs "$jobs" --argjson pieces "$pieces" --argjson doubt $DOUBT --argjson all $ALL \
        --slurpfile read "$DIR/read" \
        --argjson pictures "$(find "$OUT/labels" -name '*.png' -printf '%f\n' | sed 's/-[0-9]*\.png$//' | jq -R . | jq -sc 'group_by(.) | map({(.[0]): length}) | add')" '
        ($read | group_by([.template, .label.series, .label.scope, .label.number, .scan]) |
            map({template: .[0].template, pieces: length, label: .[0].label})) as $numbers |
        {pieces_on_paper: ([$pictures[]] | add),
         on_paper: ([$pictures | to_entries[] | .value / $pieces[.key] | floor] | add),
         decoded: ([$numbers[] | .pieces / $pieces[.template] | floor] | add),
         distinct_numbers: ([$numbers[] | select(.pieces >= $pieces[.template])] | length),
         duplicates: ([$numbers[] | (.pieces / $pieces[.template] | ceil) - 1] | add),
         missing: ($all - ([$numbers[] | select(.pieces >= $pieces[.template] and .label.state == "printed"
             and .label.job == $jobs[.template])] | length)),
         decided_by_operator: $doubt, temd_killed: 1, cupsd_restarted: 1, jobs: $jobs, labels: $read}'
}

# A sheet to look at: of each template some labels, from all over its job.
lay_out() {
    local template n i pictures=()
    while read -r template n; do
        for i in $(seq 1 "$n"); do
            pictures+=("$(printf '%s/labels/%s-%03d.png' "$OUT" "$template" $((((i - 1) * EACH / n + 1) * PIECES[$template])))")
        done
    done <<<$'pallet 1\nfarm-produce 2\nmedicine-pack 10\nasset-tag 5'
    "$SHEET" "$OUT/sheet.png" $SHEET_HEIGHT "${pictures[@]}"
}

# ---- the demo --------------------------------------------------------------------------------------

flow_needs ZXingReader
flow_begin
: >"$DIR/thrown"
step "Starting a private CUPS, four virtual label printers and temd in a folder of their own"
plant_start || exit 1
step "Printing $EACH labels on each: medicine packs, crates of fruit, pallets (two pieces each), asset tags"
order_all || exit 1

print_until 150
step "Killing temd (SIGKILL) with $(all_drawn) pieces on paper; CUPS and the printers go on"
temd_kill KILL
sleep 1
temd_start || exit 1
print_until 300
step "Restarting cupsd in the middle, with $(all_drawn) pieces on paper"
cups_kill TERM
cups_start || exit 1
finish_all

step "Reading every label back with ZXing and asking temd for each number"
collect
decode_all >"$DIR/decoded"
report_lines >"$DIR/read"
judgement >"$OUT/report.json"
lay_out
thrown=$(wc -l <"$DIR/thrown")
[ "$thrown" -gt 0 ] && step "  the operator threw $thrown lone pieces away"

step "demo-out/sheet.png shows some labels, demo-out/labels/ all; demo-out/report.json has each number"
step "$(jq -r '"\(.pieces_on_paper) pieces on paper: a pallet label is two, one for each side"' "$OUT/report.json")"
code=0
jq -e --argjson all $ALL '[.on_paper, .decoded, .distinct_numbers, .duplicates, .missing] == [$all, $all, $all, 0, 0]' \
    "$OUT/report.json" >/dev/null || code=1
if [ "$KEEP" = --keep ]; then
    step "Running on. Try, from another terminal:"
    step "  export TEM_SERVER=unix:$DIR/temd.sock"
    step "  $TEM_CLI jobs"
    step "  $TEM_CLI print medicine-pack --printer line --quantity 5 --data product=Test \\"
    step "      --data gtin=8938505974194 --data lot=L1 --data expiry=2028-12-31"
    step "Ctrl-C ends it."
else
    step "To keep it running: ./quickstart demo --keep"
fi
jq -r '"\(.on_paper) labels on paper, \(.decoded) decoded, \(.distinct_numbers) distinct numbers, \(.duplicates) duplicates, \(.missing) missing"' \
    "$OUT/report.json"
[ "$KEEP" = --keep ] && wait "$TEMD_PID"
exit $code
