#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the reports say is what lies on the table: paper is counted by the printer, numbers are read off
# it, sums are made by other programs.
. "${srcdir:-.}/tests/flow/lib.sh"
flow_needs ZXingReader sqlite3
flow_begin
mkdir -p "$DIR/templates"
sed 's/^name: .*/name: pack-new/; s/^elements:/reprint: {number: new}\nelements:/' \
    "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/pack-new.yaml"
sed 's/^name: .*/name: pack-two/; s/^elements:/reprint: {number: new, approver: true}\nelements:/' \
    "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/pack-two.yaml"
plant --speed-mm-s 300 --labels-loaded 1000

number_of() { # number_of N: the serial on the n-th label of the roll
    local png
    png=$(jq -r 'select(.kind == "label") | .png' "$DIR/out-p1/labels.jsonl" | sed -n "$1p")
    ZXingReader -1 -format DataMatrix "$DIR/out-p1/$png" | sed -nE 's/^.*<GS>21(.*)"$/\1/p'
}
figure() { tem report "$1" --json | jq -r "$2"; }
rests() { [ "$(api GET '/v1/reprints?open=1' | jq '.reprints | length')" = 0 ] && printer_idle p1; }
# Sheets of all jobs, by the reports.
sheets() {
    local job n=0
    for job in $(api GET /v1/jobs | jq -r '.jobs[].id'); do
        n=$((n + $(figure "$job" .paper.sheets)))
    done
    echo $n
}
paper() { # paper WHAT
    wait_for 10 rests
    is "$(sheets)" "$(drawn p1)" "$1: sheets in the reports are labels on the roll"
}
PACK=(-p p1 -d product="Viên nén <A&B>" -d gtin=8938505974194 -d lot=L1 -d expiry=2028-03-31)

# ---- a job with a bit of everything
JOB=$(job_new 20 p1)
finish_job "$JOB" p1
is "$(drawn p1)" 20 "twenty labels on paper"
paper "printed"
SEVEN=$(number_of 7) NINE=$(number_of 9)
tem reprint "$SEVEN" --reason damaged --note "ướt" --yes >/dev/null 2>&1
wait_for 10 drawn_at_least p1 21
tem void "$NINE" --reason "rách, \"đôi\"" --yes >/dev/null
paper "one again, one void"
is "$(figure "$JOB" '.equation | "\(.requested) \(.printed) \(.spoiled) \(.adds_up)"')" "20 19 1 true" "the equation"
is "$(figure "$JOB" '.paper | "\(.labels) \(.reprints) \(.sheets)"')" "20 1 21" "labels, reprints, sheets"
is "$(figure "$JOB" '.runs[] | select(.sheets == 2) | .numbers[0].first_number')" "$SEVEN" \
    "the number on two sheets is the one that was read off them"
is "$(figure "$JOB" '.runs[] | select(.state == "spoiled") | .numbers[0].first_number')" "$NINE" "the void one, too"
tem report "$JOB" >"$DIR/report.txt"
is $? 0 "a report in words"
grep -q 'adds up' "$DIR/report.txt"
ok $? "which adds up"

# ---- the same by other programs
tem report "$JOB" --csv >"$DIR/job.csv"
is "$(sqlite3 -cmd '.mode csv' -cmd ".import $DIR/job.csv r" :memory: \
    'SELECT sum(labels), sum(labels * sheets) FROM r' 2>/dev/null)" "20,21" "SQLite adds the CSV up"
is "$(sqlite3 -cmd '.mode csv' -cmd ".import $DIR/job.csv r" -cmd '.mode list' :memory: \
    "SELECT words FROM r WHERE state = 'spoiled'" 2>/dev/null)" 'rách, "đôi"' "with a person's words as they were"
tem report "$JOB" --html "$DIR/job.html"
is $? 0 "a page"
if command -v xmllint >/dev/null; then
    xmllint --noout "$DIR/job.html"
    ok $? "is well-formed (xmllint)"
elif command -v python3 >/dev/null; then
    python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$DIR/job.html"
    ok $? "is well-formed (Python)"
fi
! grep -q '<script\|src=\|href=\|<A&B' "$DIR/job.html"
ok $? "without scripts and links, and with all texts escaped"

# ---- doubt, and a person who looks
JOB=$(job_new 60 p1)
wait_for 10 drawn_at_least p1 30
stop_pid "${PIDS[p1]}"
sleep 1
printer_start p1 --speed-mm-s 300 --labels-loaded 1000
finish_job "$JOB" p1
is "$(figure "$JOB" '"\(.equation.requested) \(.equation.adds_up)"')" "60 true" "after the printer was off: adds up"
is "$(figure "$JOB" '[.runs[].labels] | add')" 60 "its runs are all of its labels"
paper "after the printer was off"

# ---- a sample
before=$(drawn p1)
tem print pack-new "${PACK[@]}" -n 5 --sample </dev/null >"$DIR/sample" 2>&1
is $? 5 "a sample, and nobody to ask"
is "$(drawn p1)" $((before + 1)) "one label only"
SAMPLE=$(api GET '/v1/jobs?limit=1' | jq -r '.jobs[0].id')
is "$(job_field "$SAMPLE" '"\(.sample) \(.state) \(.counts.spoiled)"')" "true closed 1" "its number is void"
if command -v script >/dev/null; then
    printf 'y\n' | script -qec "\"$TEM_CLI\" print pack-new ${PACK[*]@Q} -n 5 --sample" /dev/null >"$DIR/sample" 2>&1
    is $? 0 "a sample that is good"
    is "$(drawn p1)" $((before + 7)) "a sample and five labels"
    printf 'n\n' | script -qec "\"$TEM_CLI\" print pack-new ${PACK[*]@Q} -n 5 --sample" /dev/null >"$DIR/sample" 2>&1
    is $? 130 "a sample that is not"
    is "$(drawn p1)" $((before + 8)) "no run for it"
fi
paper "samples"

# ---- a new number
JOB=$(tem print pack-new "${PACK[@]}" -n 3 --json 2>/dev/null | jq -r .id)
OLD=$(number_of "$(drawn p1)")
before=$(drawn p1)
tem reprint "$OLD" --reason damaged --yes >"$DIR/again" 2>&1
is $? 0 "a damaged label of a template that wants new numbers"
wait_for 10 drawn_at_least p1 $((before + 1)) && wait_for 10 rests
NEW=$(number_of $((before + 1)))
isnt() { [ -n "$1" ] && [ "$1" != "$2" ]; ok $? "$3"; }
isnt "$NEW" "$OLD" "one more label, with another number"
is "$(tem label "$OLD" --json | jq -r .state)" spoiled "the old number is void"
AFTER=$(tem label "$NEW" --json | jq -r .job)
is "$(job_field "$AFTER" '"\(.replaces.job) \(.replaces.label)"')" "$JOB 3" "its job says whom it replaces"
is "$(figure "$JOB" '.replaced[0] | "\(.label) \(.by_job)"')" "3 $AFTER" "and the old one's report by whom"
tem reprint "$OLD" --reason damaged --yes >/dev/null 2>&1
is $? 4 "not a second time"
paper "a new number"

# ---- a new number, when two people want it
finish_job "$(tem print pack-two "${PACK[@]}" -n 1 --json 2>/dev/null | jq -r .id)" p1
before=$(drawn p1)
OLD=$(number_of "$before")
tem reprint "$OLD" --reason damaged --yes >"$DIR/again" 2>&1
is $? 0 "ordered by the first"
grep -q 'with a new number on p1 once another person agrees' "$DIR/again"
ok $? "who is told that another person has to agree"
ID=$(api GET '/v1/reprints?open=1' | jq -r '.reprints[0].id')
tem reprints --approve "$ID" >/dev/null 2>&1
is $? 4 "not the same one"
is "$(tem label "$OLD" --json | jq -r .state) $(drawn p1)" "printed $before" "the label is good, and nothing prints"
tem reprints --approve "$ID" --person Lan >"$DIR/again" 2>&1
is $? 0 "agreed to by another"
grep -q 'Destroy the damaged one: label 1 of job' "$DIR/again"
ok $? "who is told what to destroy"
wait_for 10 drawn_at_least p1 $((before + 1)) && wait_for 10 rests
isnt "$(number_of $((before + 1)))" "$OLD" "one more label, with another number"
is "$(tem label "$OLD" --json | jq -r .state)" spoiled "and the old one is void"
paper "a new number by two"

# ---- the series
tem report --series pack --scope 08938505974194 >"$DIR/series.txt"
is $? 0 "the series is accounted for"
tem report --series pack --csv >"$DIR/series.csv"
is "$(sqlite3 -cmd '.mode csv' -cmd ".import $DIR/series.csv r" -cmd '.mode list' :memory: \
    'SELECT max(last_counter) - min(first_counter) + 1 = sum(numbers)
        AND sum(numbers) = sum(reserved + sending + sent + printed + verified + in_doubt + spoiled + unused) FROM r' \
    2>/dev/null)" 1 "each counter has a label, by SQLite"
is "$(sqlite3 -cmd '.mode csv' -cmd ".import $DIR/series.csv r" -cmd '.mode list' :memory: 'SELECT sum(numbers) FROM r' \
    2>/dev/null)" "$(sqlite3 "$DIR/store/tem.db" 'SELECT next - 1 FROM scope')" "as many as the store gave out"
is "$(tem report --series pack --to 2020-01-01 --json | jq -r .sums.issued)" 0 "none before there was a job"

# ---- last_used explains a gap, nothing explains another
temd_kill TERM
NEXT=$(sqlite3 "$DIR/store/tem.db" 'SELECT next FROM scope')
sed -i "s/length: 10}/length: 10, last_used: $((NEXT + 99))}/" "$DIR/temd.yaml"
temd_start
finish_job "$(job_new 2 p1)" p1
tem report --series pack >"$DIR/series.txt"
is $? 0 "a gap that last_used made is explained"
grep -q 'taken over from an older system' "$DIR/series.txt"
ok $? "in words"
temd_kill TERM
sqlite3 "$DIR/store/tem.db" 'UPDATE scope SET next = next + 7'
temd_start
finish_job "$(job_new 2 p1)" p1
tem report --series pack >"$DIR/series.txt" 2>/dev/null
is $? 1 "numbers that nobody can explain are a fault"
is "$(tem report --series pack --json | jq -r .sums.unexplained)" 7 "so many"
paper "at the end"
is "$(protocol_errors p1)" 0 "protocol errors"
