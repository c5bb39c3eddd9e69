#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A pallet's label has two pieces; one is on the roll, the other was torn. A scanner at the line reads
# the one.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
cups_start && printer_start p1 --speed-mm-s 300 || exit 1
queue_add p1 p1
temd_config p1:zpl-203:full:102x152
temd_start || exit 1
JOB=$(api POST /v1/jobs -H 'Content-Type: application/json' -d '{"template":"pallet","printer":"p1","quantity":2,
    "data":{"sender":"A","receiver":"B","product":"C","content":"09520123456788","count":1,"lot":"L1"}}' | jq -r .id)
printer_tell p1 media-out-at 4 >/dev/null
wait_for 20 out_of_labels p1
sleep 1
printer_tell p1 reload 1000 feeds=0 >/dev/null
wait_for 20 job_held_by "$JOB" doubt
say "printer: $(stands p1) drawn $(drawn p1); job: $(spans_of "$JOB")"
wait_for 5 printer_idle p1
scan_pictures $(roll_end p1 1) | head -1 | cut -f2- >"$DIR/scan"
tem verify "$(cat "$DIR/scan")" 2>&1 | sed 's/^/# /'
sleep 1
say "end: $(job_state "$JOB") $(spans_of "$JOB")"
[ "$(labels_in "$JOB" verified)" = 0 ]
ok $? "a label of which a piece is missing is not called verified"
