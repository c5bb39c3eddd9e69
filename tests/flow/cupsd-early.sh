#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cupsd stopped, killed and told to read its configuration again, within a second of a submission.
. "$(dirname "$0")/lib.sh"
flow_begin
plant --speed-mm-s 600
TOTAL=0
for signal in TERM KILL HUP; do
    JOB=$(job_new 100 p1 "$signal")
    wait_for 10 drawn_at_least p1 $((TOTAL + 5))
    if [ $signal = HUP ]; then
        kill -HUP "$CUPSD_PID"
        wait_for 10 cups_up
    else
        cups_kill $signal
        sleep 0.5
        cups_start || exit 1
    fi
    finish_job "$JOB" p1 90
    TOTAL=$((TOTAL + 100))
    at_most $DOUBT_MOST $WINDOW "SIG$signal: labels in doubt"
    judge p1 $TOTAL "SIG$signal in the middle"
    judge_job "$JOB" 100 "SIG$signal in the middle"
done
