#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A label is reprinted at another printer, which has no evidence and is off; temfeed dies, the reprint
# is in doubt and is called absent. It is that printer that cannot be cleared, not the job's, which
# answers; and the backend still has the label's bytes.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
cups_start && printer_start p1 --speed-mm-s 300 && printer_start p2 --speed-mm-s 300 || exit 1
queue_add p1 p1
queue_add p2 p2
temd_config p1:zpl-203:full:40x20 p2:zpl-203:none:40x20
temd_start || exit 1
JOB=$(api POST /v1/jobs -H 'Content-Type: application/json' -d '{"template":"asset-tag","printer":"p1","quantity":5,
    "data":{"owner":"A","item":"B","place":"C"}}' | jq -r .id)
finish_job "$JOB" p1
printer_tell p2 refuse on >/dev/null
NUMBER=$(number_on_roll p1 1)
tem reprint "$NUMBER" --reason damaged --printer p2 --yes 2>&1 | sed 's/^/# /'
wait_for 10 eval '[ -n "$(filter_pids)" ]'
sleep 1
# shellcheck disable=SC2046
kill -9 $(filter_pids)
wait_for 20 in_doubt_at_least "$JOB" 1
say "job: $(job_field "$JOB" '"\(.state) \(.hold)"') $(spans_of "$JOB"); p2: $(stands p2)"
tem resolve "$JOB" --absent 1 --reason "nothing came out" --yes >"$DIR/said" 2>&1
grep -q "may still wait in printer p2, which does not say" "$DIR/said"
ok $? "absent is refused: it is p2 that was sent to, not p1"
sleep 1
tem resolve "$JOB" --absent 1 --printer-cleared --reason "nothing came out" --yes 2>&1 | sed 's/^/# /'
say "job: $(spans_of "$JOB")"
sleep 1
printer_tell p2 refuse off >/dev/null
wait_for 30 drawn_at_least p2 1
sleep 4
say "job: $(spans_of "$JOB"); p2: $(stands p2)"
is "$(drawn p2)" 1 "one reprint was ordered, and one is on paper"
