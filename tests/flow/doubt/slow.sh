#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The connection drops while the printer prints large labels slowly: four of them take 12 s. The
# operator is at the printer at once and scans the last label that is out. The next chunk's clearing
# lets the label that moves come out.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
cups_start && printer_start p1 --speed-mm-s 50 || exit 1
queue_add p1 p1
temd_config p1:zpl-203:full:102x152
sed -e 's/^name: .*/name: big/; s/^pieces: .*/pieces: 1/' "$SRC/templates/stock/pallet.yaml" >"$DIR/templates/big.yaml"
temd_start || exit 1
JOB=$(api POST /v1/jobs -H 'Content-Type: application/json' -d '{"template":"big","printer":"p1","quantity":6,
    "data":{"sender":"A","receiver":"B","product":"C","content":"09520123456788","count":1,"lot":"L1"}}' | jq -r .id)
wait_for 20 drawn_at_least p1 2
sleep 1
printer_tell p1 drop >/dev/null
wait_for 20 job_held_by "$JOB" doubt
say "printer: $(stands p1) drawn $(drawn p1); job: $(spans_of "$JOB")"
resolve_as_seen "$JOB" p1
say "resolved: $(spans_of "$JOB")"
finish_job "$JOB" p1 60
say "end: $(spans_of "$JOB")"
judge p1 6 "decided while the printer moves"
