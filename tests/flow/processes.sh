#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Filter and backend killed in the middle; a submitter killed while cupsd is frozen.
. "$(dirname "$0")/lib.sh"
flow_begin
plant --speed-mm-s 600
TOTAL=0

for victim in filter backend; do
    JOB=$(job_new 100 p1 "$victim")
    wait_for 10 drawn_at_least p1 $((TOTAL + 10))
    pids=$(${victim}_pids)
    [ -n "$pids" ]
    ok $? "$victim: there is one to kill"
    # shellcheck disable=SC2086
    kill -9 $pids
    finish_job "$JOB" p1 60
    TOTAL=$((TOTAL + 100))
    at_most $DOUBT_MOST $WINDOW "$victim killed: labels in doubt"
    judge p1 $TOTAL "$victim killed"
    judge_job "$JOB" 100 "$victim killed"
done

# cupsd frozen: the request is in its socket, nobody has answered; temd dies; cupsd takes it.
kill -STOP "$CUPSD_PID"
JOB=$(job_new 100 p1 frozen)
sleep 1.5
temd_kill KILL
kill -CONT "$CUPSD_PID"
temd_start || exit 1
finish_job "$JOB" p1 60
TOTAL=$((TOTAL + 100))
is $DOUBTS 0 "submitter killed while cupsd was frozen: no doubt"
judge p1 $TOTAL "submitter killed while cupsd was frozen"
judge_job "$JOB" 100 "submitter killed while cupsd was frozen"
