#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Out of labels, and the connection drops: the window is in doubt and waits in the printer. The
# operator follows the guide: "change the roll" is ordered, a roll is loaded, the last good label
# scanned, `tem printer resume`. No number may be on two labels, "drained" not be said too early.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
plant --speed-mm-s 100

JOB=$(job_new 30 p1 roll)
wait_for 10 drawn_at_least p1 6
run_out p1
printer_tell p1 drop >/dev/null
wait_for 20 job_held_by "$JOB" doubt
ok $? "held for doubt"
say "printer: $(stands p1) job: $(spans_of "$JOB")"
tem printer change-roll p1 --no-wait >"$DIR/said"
is $? 0 "change the roll"
sleep 2
is "$(api GET /v1/printers | jq -r '.printers[0].state')" waiting "it is not called drained"
resolve_as_seen "$JOB" p1 >"$DIR/refused"
grep -q printer-not-cleared "$DIR/refused"
ok $? "absent is refused"
printer_tell p1 reload 1000 feeds=1 >/dev/null
tem printer change-roll p1 >"$DIR/said"
ok $? "with a roll in it, it is emptied, and drained"
sed 's/^/# /' "$DIR/said"
resolve_as_seen "$JOB" p1
ok $? "now it can be decided"
tem printer resume p1 | sed 's/^/# /'
finish_job "$JOB" p1 60
say "job: $(spans_of "$JOB")"
judge p1 30 "roll changed in doubt"
judge_job "$JOB" 30 "roll changed in doubt"
