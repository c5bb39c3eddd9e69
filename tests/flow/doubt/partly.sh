#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Some labels are called absent, one stays in doubt: the job stays held, so nothing clears the printer
# in which the absent ones wait.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
plant --speed-mm-s 100

JOB=$(job_new 30 p1 partly)
wait_for 10 drawn_at_least p1 6
run_out p1
printer_tell p1 drop >/dev/null
wait_for 20 job_held_by "$JOB" doubt
ok $? "held for doubt"
say "printer: $(stands p1) job: $(spans_of "$JOB")"
FIRST=$(job_field "$JOB" '.spans[] | select(.state == "in_doubt") | .first')
LAST=$(job_field "$JOB" '.spans[] | select(.state == "in_doubt") | .last')
# surely not there: the last two; the first ones: somebody goes and looks
tem resolve "$JOB" --absent "$((LAST - 1))-$LAST" --reason "not on the roll" --person operator --yes 2>&1 | sed 's/^/# /'
say "$(spans_of "$JOB")"
printer_tell p1 reload 1000 feeds=1 >/dev/null
wait_for 10 printer_idle p1
sleep 1
say "roll loaded: $(stands p1)"
# Half of the doubt is decided under a key; temd restarts while the queue is stopped, so that nothing is
# emptied again; the same order is answered as before.
wait_for 20 eval '[ "$(job_field "$JOB" .being_emptied)" = false ]'
FIRST=$(job_field "$JOB" '[.spans[] | select(.state == "in_doubt")][0].first')
decide() {
    api POST "/v1/jobs/$JOB/resolve" -H 'Content-Type: application/json' -H 'Idempotency-Key: half' -o "$DIR/half" -w '%{http_code} %header{idempotent-replayed}' \
        -d "{\"person\":\"operator\",\"reason\":\"not there\",\"ranges\":[{\"first\":$LAST,\"last\":$LAST,\"decision\":\"absent\"}]}"
}
is "$(decide)" "200 " "half of it is decided"
cupsdisable p1
temd_kill TERM
temd_start || exit 1
is "$(decide)" "200 true" "the same order again is answered as before, although the printer was not emptied since"
cupsenable p1
finish_job "$JOB" p1 60
say "$(spans_of "$JOB")"
judge p1 30 "decided in two steps"
judge_job "$JOB" 30 "decided in two steps"
