#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh BUILD [--keep]: 100 medicine labels through a real CUPS onto a virtual printer, with temd
# killed in the middle and cupsd restarted, then every label read back. `./quickstart demo` runs it.
BUILD=$(cd "${1:?usage: demo.sh BUILD [--keep]}" && pwd)
KEEP=${2:-}
export BUILD
. "$(dirname "$0")/lib.sh"

QUANTITY=100
OUT=$SRC/demo-out
SHEET=$BUILD/tests/tools/contact-sheet

step() { printf '%s\n' "$*"; }

progress() { # progress TEXT: one line that is written over on a terminal
    [ -t 1 ] && printf '\r\033[K  %s' "$*"
}

# Prints until `least` labels are on paper or the job rests.
print_until() {
    local least=$1 n
    while :; do
        n=$(drawn line1)
        progress "$n of $QUANTITY labels on paper"
        [ "$n" -ge "$least" ] && break
        job_at_rest "$JOB" && break
        sleep 0.2
    done
    [ -t 1 ] && printf '\r\033[K'
    return 0
}

# serial numbers as ZXing reads them from what the printer drew: FILE GTIN SERIAL
decode_all() {
    ZXingReader -1 -fast -format DataMatrix "$OUT"/labels/*.png |
        sed -nE 's/^(.*) DataMatrix "01([0-9]{14}).*<GS>21(.*)"$/\1 \2 \3/p' >"$DIR/decoded"
}

# Does Tem know each number as a printed label of our job? Counts those it does.
accounted() {
    local file gtin serial n=0
    while read -r file gtin serial; do
        [ "$(api GET /v1/labels -G --data-urlencode series=pack --data-urlencode "scope=$gtin" \
            --data-urlencode "number=$serial" | jq -r '"\(.job) \(.state)"')" = "$JOB printed" ] &&
            n=$((n + 1))
    done <"$DIR/decoded"
    echo $n
}

collect() {
    local n=0 png
    rm -rf "$OUT"
    mkdir -p "$OUT/labels"
    while read -r png; do
        n=$((n + 1))
        cp "$DIR/out-line1/$png" "$(printf '%s/labels/medicine-pack-%03d.png' "$OUT" $n)"
    done < <(jq -r 'select(.kind == "label") | .png' "$DIR/out-line1/labels.jsonl")
    "$SHEET" "$OUT/sheet.png" 5 "$OUT"/labels/*.png
}

flow_needs ZXingReader
flow_begin
step "Starting a private CUPS, a virtual label printer and temd in a folder of their own"
cups_start && printer_start line1 --speed-mm-s 300 --labels-loaded 1000 || exit 1
queue_add line1 line1
temd_config line1:zpl-203
temd_start || exit 1

step "Printing $QUANTITY medicine packs from tests/demo/products.csv (6 products, 6 GTINs)"
JOB=$(tem print medicine-pack --printer line1 --csv "$SRC/tests/demo/products.csv" --no-wait --json |
    jq -r .id)
[ -n "$JOB" ] || exit 1

print_until 30
step "Killing temd (SIGKILL) with $(drawn line1) labels on paper; CUPS and the printer go on"
temd_kill KILL
sleep 1
temd_start || exit 1
print_until 60
step "Restarting cupsd in the middle, with $(drawn line1) labels on paper"
cups_kill TERM
cups_start || exit 1

DOUBT=0
while ! wait_for 1 job_is "$JOB" closed; do
    print_until $QUANTITY
    if job_is "$JOB" held; then
        n=$(labels_in "$JOB" in_doubt)
        DOUBT=$((DOUBT + n))
        step "  $n labels may or may not be on paper: the operator scans the last good label"
        wait_for 5 printer_idle line1
        resolve_as_seen "$JOB" line1 || { cat "$DIR/resolve.json"; exit 1; }
    fi
    [ $SECONDS -gt 120 ] && break
done

step "Reading every label back with ZXing"
collect
decode_all
on_paper=$(drawn line1)
decoded=$(wc -l <"$DIR/decoded")
numbers=$(cut -d' ' -f2- "$DIR/decoded" | sort -u | wc -l)
duplicates=$((decoded - numbers))
missing=$((QUANTITY - $(accounted)))
jq -n --argjson on_paper "$on_paper" --argjson decoded "$decoded" --argjson numbers "$numbers" \
    --argjson duplicates "$duplicates" --argjson missing "$missing" --argjson doubt "$DOUBT" \
    --argjson job "$(api GET "/v1/jobs/$JOB")" \
    --slurpfile labels <(jq -R 'split(" ") | {file: .[0] | sub(".*/labels/"; "labels/"), gtin: .[1], serial: .[2]}' "$DIR/decoded") \
    '{on_paper: $on_paper, decoded: $decoded, distinct_numbers: $numbers, duplicates: $duplicates,
      missing: $missing, decided_by_operator: $doubt, temd_killed: 1, cupsd_restarted: 1, job: $job, labels: $labels}' \
    >"$OUT/report.json"

step "demo-out/sheet.png shows all labels; demo-out/report.json has each number"
code=0
[ "$on_paper $decoded $numbers $duplicates $missing" = "$QUANTITY $QUANTITY $QUANTITY 0 0" ] || code=1
if [ "$KEEP" = --keep ]; then
    step "Running on. Try, from another terminal:"
    step "  export TEM_SERVER=unix:$DIR/temd.sock"
    step "  $TEM_CLI jobs"
    step "  $TEM_CLI print medicine-pack --printer line1 --quantity 5 --data product=Test \\"
    step "      --data gtin=8938505974194 --data lot=L1 --data expiry=2028-12-31"
    step "Ctrl-C ends it."
else
    step "To keep it running: ./quickstart demo --keep"
fi
echo "$on_paper labels on paper, $decoded decoded, $numbers distinct numbers, $duplicates duplicates, $missing missing"
[ "$KEEP" = --keep ] && wait "$TEMD_PID"
exit $code
