#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# temd dies of an order: hold, release, cancel, resolve, reprint, void, verify, sample, a template, the
# roll, a CSV file, an order that somebody gave in CUPS. The same order is given again afterwards.
. "${srcdir:-.}/tests/crash/lib.sh"
flow_once
flow_needs ZXingReader sqlite3

setup() {
    cups_make && filter_wrap
    cups_start || exit 1
    crash_printer p1 --speed-mm-s 0
    crash_printer p2 --speed-mm-s 60 # a chunk takes longer than temd needs to start
    crash_config p1:zpl-203 p2:zpl-203
    temd_again
    # Labels that are on paper, for orders about such: each row takes the next one.
    order_new 20 p1
    order_send
    JOBS=1 OLD=$JOB NEXT=0 REPRINTS=0
    job_ends
    judge_end 20 20
    # shellcheck disable=SC2046
    scan_pictures $(roll_end p1 20) | cut -f2- >"$DIR/old-scans"
}

order_open() { # order_open QUANTITY PRINTER: accepted by a temd without a fault
    order_new "$@"
    order_send
    JOBS=$((JOBS + 1))
}

job_has() { [[ $(api GET "/v1/jobs/$JOB") == *"$1"* ]]; }

# A job whose chunk is submitted and cannot start: its queue is stopped in CUPS.
job_waiting() {
    cupsdisable p1
    order_open 2 p1
    await 10 job_has '"sending":2' || BAD+=("the chunk is not on its way")
}

# act POINT FAULT METHOD PATH [curl arguments]: the order that temd dies of, and again.
act() {
    local point=$1 fault=$2
    shift 2
    KEYS=$((KEYS + 1))
    temd_end TERM
    temd_run "TEM_FAULT=$fault"
    send "$@"
    dies "$point" || true
    intent_first
    temd_again
    send "$@"
    [ "${STATUS:0:1}" = 2 ] || BAD+=("the order once more: $STATUS $(cut -c1-300 "$DIR/answer")")
}

run_hold() {
    job_waiting
    act "$1" "$2" POST "/v1/jobs/$JOB/hold" "${JSON[@]}" -d "$WHO"
    await 5 job_has '"reserved":2' || BAD+=("held: the token is not withdrawn")
    want "$(job_state "$JOB")" held "state"
    cupsenable p1
    job_ends
    want $DOUBTS 0 "doubt"
    judge_end 2 2
}

run_release() {
    job_waiting
    api POST "/v1/jobs/$JOB/hold" "${JSON[@]}" -d "$WHO" >/dev/null
    await 5 job_has '"reserved":2'
    cupsenable p1
    act "$1" "$2" POST "/v1/jobs/$JOB/release" "${JSON[@]}" -d "$WHO"
    job_ends
    want $DOUBTS 0 "doubt"
    judge_end 2 2
}

run_cancel() { # nothing has started: no number prints any more
    job_waiting
    act "$1" "$2" POST "/v1/jobs/$JOB/cancel" "${JSON[@]}" -d "$WHO"
    await 5 job_has '"unused":2' || BAD+=("cancelled: its labels are not unused")
    cupsenable p1
    job_ends
    judge_end 0 0 cancelled
}

run_cancel-printing() { # what printed is counted, what nobody knows is in doubt, the rest is unused
    local before=${PAPER[p2]} paper
    order_open 4 p2
    await 10 drawn_is p2 $((before + 1))
    act "$1" "$2" POST "/v1/jobs/$JOB/cancel" "${JSON[@]}" -d "$WHO"
    await 20 printer_idle p2
    job_ends
    most "$(labels_in "$JOB" in_doubt)" 4 "labels in doubt"
    [ "$(labels_in "$JOB" in_doubt)" = 0 ] || CLEARED=true resolve_as_seen "$JOB" p2
    paper=$(($(drawn p2) - before))
    judge_end $paper $paper cancelled
}

run_slow() { # dies between two confirmations of one chunk
    order_new 4 p2
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    order_send
    dies "$1"
    intent_first
    temd_again
    order_send
    JOBS=$((JOBS + 1))
    job_ends
    want $DOUBTS 0 "doubt although temfeed went on"
    judge_end 4 4
}

# temfeed dies, so that there is something to decide.
run_resolve() {
    echo temfeed.impression.sent:3 >"$DIR/feed/fault"
    order_open 4 p1
    await 10 job_has '"state":"held"'
    await 5 printer_idle p1
    # Paper comes out in the labels' order: the first are there.
    local there=$(($(drawn p1) - PAPER[p1])) ranges
    ranges=$(api GET "/v1/jobs/$JOB" | jq -c --argjson there $there '[.spans[] | select(.state == "in_doubt") |
        range(.first; .last + 1) | {first: ., last: ., decision: (if . <= $there then "printed" else "absent" end)}]')
    act "$1" "$2" POST "/v1/jobs/$JOB/resolve" "${JSON[@]}" -d "{\"person\":\"operator\",\"reason\":\"looked\",\"printer_cleared\":true,\"ranges\":$ranges}"
    job_ends
    want $DOUBTS 0 "doubt once more"
    judge_end 4 4
}

# temfeed dies, and temd while it empties the printer before anybody is asked.
run_emptied() {
    echo temfeed.impression.sent:3 >"$DIR/feed/fault"
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    order_new 4 p1
    order_send
    dies "$1"
    intent_first
    temd_again
    order_send
    JOBS=$((JOBS + 1))
    job_ends
    most "$DOUBT_MOST" 4 "labels in doubt, at most a window"
    judge_end 4 4
}

reprints_none() { [[ $(api GET '/v1/reprints?open=1') == *'"reprints":[]'* ]]; }

run_reprint() {
    NEXT=$((NEXT + 1)) REPRINTS=$((REPRINTS + 1)) SECOND[p1]=$((SECOND[p1] + 1))
    PAPER[p1]=$((PAPER[p1] + 1))
    act "$1" "$2" POST "/v1/jobs/$OLD/reprint" "${JSON[@]}" \
        -d "{\"person\":\"operator\",\"reason\":\"damaged\",\"first\":$NEXT,\"last\":$NEXT}"
    await 10 reprints_none || BAD+=("the reprint does not end")
    await 5 drawn_is p1 "${PAPER[p1]}"
    JOB=$OLD PRINTER=p1
    judge_end "$(labels_in "$OLD" printed)" 0
    want "$(store_says 'SELECT count(*) FROM reprint')" $REPRINTS "reprints ordered"
    want "$(store_says "SELECT max(attempt) FROM span WHERE job_id = $OLD AND newest = 1 AND $NEXT BETWEEN first AND last")" 2 "attempts"
}

run_void() {
    NEXT=$((NEXT + 1))
    act "$1" "$2" POST "/v1/jobs/$OLD/resolve" "${JSON[@]}" \
        -d "{\"person\":\"operator\",\"reason\":\"torn\",\"ranges\":[{\"first\":$NEXT,\"last\":$NEXT,\"decision\":\"spoiled\"}]}"
    want "$(store_says "SELECT state FROM span WHERE job_id = $OLD AND newest = 1 AND $NEXT BETWEEN first AND last")" spoiled "the label"
    want "$(store_says "SELECT count(*) FROM event WHERE CAST(body AS TEXT) LIKE '%\"label.resolved\"%' AND CAST(body AS TEXT) LIKE '%\"job\":$OLD,%'")" \
        $((VOIDS = ${VOIDS:-0} + 1)) "events about it"
}

run_verify() {
    NEXT=$((NEXT + 1))
    jq -nc --arg scan "$(sed -n "${NEXT}p" "$DIR/old-scans")" '{scan: $scan, station: "line"}' >"$DIR/scan.json"
    act "$1" "$2" POST /v1/verify "${JSON[@]}" --data-binary "@$DIR/scan.json"
    want "$(jq -r .result "$DIR/answer")" verified "the scan once more under its key"
}

run_sample() { # one label to be looked at, spoiled once it is printed
    order_new 1 p1
    BODY=${BODY/\"data\"/\"sample\":true,\"data\"}
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    order_send
    dies "$1"
    intent_first
    temd_again
    order_send
    want "$STATUS" 201 "the order once more"
    JOBS=$((JOBS + 1))
    job_ends
    judge_end 0 1
    want "$(labels_in "$JOB" spoiled)" 1 "spoiled"
}

run_template() {
    LOT=$((LOT + 1))
    sed "s/^name: .*/name: t-$LOT/" "$SRC/templates/stock/asset-tag.yaml" >"$DIR/t.yaml"
    act "$1" "$2" POST "/v1/templates?person=operator" -H 'Content-Type: application/yaml' --data-binary "@$DIR/t.yaml"
    want "$(api GET "/v1/templates/t-$LOT/versions" | jq '.versions | length')" 1 "versions of the template"
    want "$(store_says "SELECT count(*) FROM event WHERE CAST(body AS TEXT) LIKE '%\"template.added\"%' AND CAST(body AS TEXT) LIKE '%\"t-$LOT\"%'")" 1 "events about it"
}

run_roll() { # drained, a job waits; resumed, it prints
    act "$1" "$2" POST /v1/printers/p1/change-roll "${JSON[@]}" -d "$WHO"
    order_open 2 p1
    sleep 0.3
    want "$(drawn p1)" "${PAPER[p1]}" "labels on paper while the roll is changed"
    api POST /v1/printers/p1/resume "${JSON[@]}" -d "$WHO" >/dev/null
    job_ends
    want $DOUBTS 0 "doubt"
    judge_end 2 2
}

run_resume-roll() {
    api POST /v1/printers/p1/change-roll "${JSON[@]}" -d "$WHO" >/dev/null
    order_open 2 p1
    act "$1" "$2" POST /v1/printers/p1/resume "${JSON[@]}" -d "$WHO"
    job_ends
    want $DOUBTS 0 "doubt"
    judge_end 2 2
}

csv_file() { # csv_file ROWS: two labels each; some 2,000 rows are a page, which is kept before the rest has come
    awk -v rows="$1" 'BEGIN { print "product,lot,expiry,quantity"
        for (i = 0; i < rows; i++) printf "Paracetamol %06d mg,L%09d,2028-03-31,2\n", i, i }' >"$DIR/rows.csv"
}

csv_send() {
    send POST "/v1/jobs?template=medicine-pack&printer=p1&field.gtin=8938505974194" \
        -H 'Content-Type: text/csv' --data-binary "@$DIR/rows.csv"
}

csv_again() { # the file once more: one job
    csv_send
    want "$STATUS" 201 "the file once more"
    JOB=$(jq -r .id "$DIR/answer") JOBS=$((JOBS + 1))
}

csv_dies() { # csv_dies POINT FAULT
    KEYS=$((KEYS + 1)) PRINTER=p1
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    csv_send
    dies "$1"
    intent_first
}

csv_cancelled() { # too many to print
    api POST "/v1/jobs/$JOB/cancel" "${JSON[@]}" -d "$WHO" >/dev/null
    await 10 job_has "\"unused\":$1" || BAD+=("cancelled: its labels are not unused")
    cupsenable p1
    judge_end 0 0 cancelled
}

run_csv() {
    csv_file 1
    csv_dies "$1" "$2"
    temd_again
    csv_again
    job_ends
    judge_end 2 2
}

run_pages() {
    cupsdisable p1
    csv_file 2200
    csv_dies "$1" "$2"
    temd_again
    csv_again
    csv_cancelled 4400
}

run_swept() { # pages of a request that was never accepted; temd dies twice of sweeping them
    cupsdisable p1
    csv_file 2200
    csv_dies intake.written intake.written
    want "$(sqlite3 "$DIR/frozen/tem.db" "SELECT count(*) FROM job WHERE state = 'staged'")" 1 "requests half taken"
    for _ in 1 2; do
        temd_run "TEM_FAULT=$2"
        dies "$1"
    done
    temd_again
    csv_again
    csv_cancelled 4400
}

template_send() { # template_send NAME: most of a megabyte, so that a few fill the store's log
    { sed "s/^name: .*/name: $1/" "$SRC/templates/stock/asset-tag.yaml" && seq -f '# %080g' 11000; } >"$DIR/t.yaml"
    send POST "/v1/templates?person=operator" -H 'Content-Type: application/yaml' --data-binary "@$DIR/t.yaml"
}

run_large() { # the log is copied into the database
    local n said=()
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    for n in 1 2 3 4 5 6; do
        KEYS=$((KEYS + 1))
        template_send "large-$KEYS"
        [ "$STATUS" = 201 ] && said+=("large-$KEYS")
        dead && break
    done
    dies "$1"
    temd_again
    for n in "${said[@]}" "large-$KEYS"; do
        [ "$n" = "large-$KEYS" ] && template_send "$n"
        want "$(api GET "/v1/templates/$n/versions" | jq '.versions | length')" 1 "versions of $n"
    done
}

run_meddled() { # somebody cancels the CUPS job before it starts: the Tem job is held
    job_waiting
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    cancel -a p1
    dies "$1"
    intent_first
    temd_again
    await 10 job_has '"state":"held"' || BAD+=("cancelled in CUPS: the job is not held")
    cupsenable p1
    job_ends
    want $DOUBTS 0 "doubt"
    judge_end 2 2
}

run_unseen() { # the same, but temd dies before it has seen it: CUPS lost the document, the token prints once
    job_waiting
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    cancel -a p1
    dies "$1"
    intent_first
    temd_again
    cupsenable p1
    job_ends
    want $DOUBTS 0 "doubt"
    judge_end 2 2
}

crash_run temd hold release cancel cancel-printing slow resolve emptied reprint void verify sample template roll resume-roll csv pages swept large meddled unseen
