#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Out of labels with a window in the printer; its queue gets another device, a spare printer. The old
# one is mended later. (administrator.md: `tem printer add`, said again, changes what differs.)
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
plant --speed-mm-s 100
printer_start p2 --speed-mm-s 100 --unique-id SPARE00001 || exit 1

JOB=$(job_new 30 p1 spare)
wait_for 10 drawn_at_least p1 6
run_out p1
say "printer: $(stands p1) job: $(spans_of "$JOB")"
lpadmin -p p1 -v "socket://127.0.0.1:${PORTS[p2]}/?snmp=false&waiteof=false&contimeout=60" 2>&1 | grep -v deprecated
wait_for 60 job_held_by "$JOB" doubt
ok $? "held for doubt"
say "printer: $(stands p1) job: $(spans_of "$JOB")"
wait_for 30 eval '[ "$(job_field "$JOB" .being_emptied)" = false ]'
tem resolve "$JOB" --last-good "label:$(jq '[.spans[] | select(.state == "in_doubt")][0].first' <<<"$(api GET "/v1/jobs/$JOB")")" --yes >"$DIR/refused" 2>&1
grep -q "which was exchanged since" "$DIR/refused"
ok $? "absent is refused: the spare printer says nothing of what is in the other one"
printer_tell p1 power-cycle 300 >/dev/null
CLEARED=true finish_job "$JOB" p1 60
say "spare: $(stands p2) job: $(spans_of "$JOB")"
printer_tell p1 reload 1000 feeds=1 >/dev/null
wait_for 10 printer_idle p1
cat "$DIR"/out-p2/labels.jsonl >>"$DIR"/out-p1/labels.jsonl
judge p1 30 "another device"
