#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A template that goes on in spite of doubt (asset-tag: on_doubt: continue) can have two windows in
# doubt, one behind the other. The last good label of the first says nothing of the second.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
cups_start && printer_start p1 --speed-mm-s 60 || exit 1
queue_add p1 p1
temd_config p1:zpl-203:full:40x20
temd_start || exit 1

JOB=$(api POST /v1/jobs -H 'Content-Type: application/json' -d '{"template":"asset-tag","printer":"p1","quantity":30,
    "data":{"owner":"A","item":"B","place":"C"}}' | tee "$DIR/new" | jq -r .id)
fault() { # the connection drops while the printer is paused with labels in it
    pause_with p1 3 || say "not paused with labels"
    printer_tell p1 drop >/dev/null
}
wait_for 10 drawn_at_least p1 3
fault
wait_for 20 in_doubt_at_least "$JOB" 1
say "first window in doubt: $(spans_of "$JOB"); printer $(stands p1)"
LAST1=$(jq -r '.spans[] | select(.state == "in_doubt") | .last' <<<"$(api GET "/v1/jobs/$JOB")" | tail -1)
wait_for 20 printer_idle p1 # the next chunk cleared it
DRAWN=$(drawn p1)
printer_tell p1 resume >/dev/null
wait_for 20 drawn_at_least p1 $((DRAWN + 1))
printer_tell p1 pause >/dev/null
sleep 0.3
printer_tell p1 drop >/dev/null
wait_for 20 in_doubt_at_least "$JOB" 5
say "second window: $(spans_of "$JOB"); printer $(stands p1); first ended at label $LAST1"
wait_for 20 printer_idle p1
printer_tell p1 resume >/dev/null
wait_for 20 eval '[ "$(job_field "$JOB" .being_emptied)" = false ]'
wait_for 60 eval '[ "$(labels_in "$JOB" reserved)" = 0 ] && [ "$(labels_in "$JOB" sending)" = 0 ]'
say "the rest is out: $(spans_of "$JOB")"
# The operator answers the first fault: at the first gap of the roll the last good label is the last of
# the first window's that is there.
scan_pictures $(roll_end p1 40) >"$DIR/scans"
cut -f2- "$DIR/scans" | ask_scans | jq -c 'select(.state == "in_doubt")' >"$DIR/seen"
say "of those in doubt there are on paper: $(jq -r .label "$DIR/seen" | sort -nu | tr '\n' ' ')"
GOOD=$(jq -r .label "$DIR/seen" | awk -v last="$LAST1" '$1 <= last' | sort -n | tail -1)
tem resolve "$JOB" --last-good "$(jq -r "select(.label == $GOOD) | .number" "$DIR/seen" | head -1)" --reason "last good before the gap" --yes 2>&1 | sed 's/^/# /'
GOOD=$(jq -r .label "$DIR/seen" | awk -v last="$LAST1" '$1 > last' | sort -n | tail -1)
[ -n "$GOOD" ] || GOOD=$LAST1
tem resolve "$JOB" --last-good "label:$GOOD" --reason "and before the second" --yes 2>&1 | sed 's/^/# /'
finish_job "$JOB" p1 30
wait_for 5 printer_idle p1
say "end: $(spans_of "$JOB")"
is "$(distinct p1)" 30 "labels on paper"
is "$(twice p1)" 0 "none twice"
