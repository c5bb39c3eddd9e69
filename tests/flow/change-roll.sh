#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# "Change the roll" drains first: nothing is in the printer when it is opened, so that a planned
# change puts nothing in doubt, whatever is fed, switched off or restarted meanwhile.
. "$(dirname "$0")/lib.sh"
flow_begin
plant --speed-mm-s 200

printer_state() { api GET /v1/printers | jq -r '.printers[] | select(.name == "p1") | .state'; }
printer_words() { api GET /v1/printers | jq -r '.printers[] | select(.name == "p1") | .words'; }
state_is() { [ "$(printer_state)" = "$1" ]; }

JOB=$(job_new 60 p1 first)
wait_for 10 drawn_at_least p1 10
tem printer change-roll p1 --reason "last label in sight" >"$DIR/said"
is $? 0 "change-roll waits until the printer is empty"
DRAWN=$(drawn p1)
is "$(printer_state)" drained "state: drained"
grep -q "change the roll, then: tem printer resume p1" "$DIR/said"
ok $? "and says what to do"
is "$(printer_tell p1 status | jq .formats)" 0 "nothing waits in the printer"
at_most "$DRAWN" 50 "in the middle of the job: labels on paper"
is "$(labels_in "$JOB" printed)" "$DRAWN" "each of them is confirmed"
is "$(labels_in "$JOB" in_doubt)" 0 "none is in doubt"
is "$(job_state "$JOB")" open "the job waits"

# Now the printer is opened, fed, switched off and on; temd and CUPS restart.
printer_tell p1 head open >/dev/null
printer_tell p1 reload 1000 feeds=0 >/dev/null
printer_tell p1 head close >/dev/null
for _ in 1 2 3; do printer_tell p1 feed >/dev/null; done
printer_tell p1 power-cycle 300 >/dev/null
temd_kill KILL
cups_kill TERM
cups_start && temd_start || exit 1
wait_for 10 state_is drained
ok $? "still drained after a restart"
sleep 2.5 # longer than a printer that has nothing to do waits
is "$(drawn p1)" "$DRAWN" "and nothing prints"

tem printer resume p1 >/dev/null
is $? 0 "resume"
finish_job "$JOB" p1
is $DOUBTS 0 "nobody had to decide anything"
judge p1 60 "roll changed"
judge_job "$JOB" 60 "roll changed"

# Ordered while nothing prints: the next job waits.
tem printer change-roll p1 >/dev/null
JOB=$(job_new 5 p1 waits)
sleep 1.5
is "$(drawn p1)" 60 "a job that comes meanwhile waits"
tem printer resume p1 >/dev/null
finish_job "$JOB" p1
judge p1 65 "resumed"

# Ordered while the chunk's token is not taken yet: it is withdrawn.
printer_tell p1 head open >/dev/null
JOB=$(job_new 5 p1 early)
wait_for 10 eval '[ "$(labels_in "$JOB" sending)" = 5 ]'
tem printer change-roll p1 >/dev/null
is "$(labels_in "$JOB" reserved)" 5 "before the first label: nothing was sent"
printer_tell p1 head close >/dev/null
tem printer resume p1 >/dev/null
finish_job "$JOB" p1
is $DOUBTS 0 "no doubt"
judge p1 70 "withdrawn and resumed"

tem printer change-roll nobody 2>"$DIR/said"
is $? 1 "a printer that is not there"
is "$(api POST /v1/printers/p1/change-roll -H 'Content-Type: application/json' -d '{"x":1}' | jq -r .status)" 400 "unknown member: 400"
is "$(printer_state)" idle "and nothing was drained"
