#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SIGKILL of temd at every stage of a 500-label job: once at each place where it makes something
# durable or hands something on, and at moments that nobody chose. temfeed goes on meanwhile, so
# nothing at all may be in doubt.
. "$(dirname "$0")/lib.sh"
STAGES="store.commit.before store.commit.after dispatch.token.before dispatch.commit.before
    token.create.before token.create.synced dispatch.release.before dispatch.release.after
    dispatch.submit.before dispatch.submit.after follow.settle.before follow.settle.after"
flow_begin
cups_start && printer_start p1 --speed-mm-s 0 || exit 1
queue_add p1 p1
temd_config p1:zpl-203
sed -i '1i limits: {chunk_impressions: 20}' "$DIR/temd.yaml"
temd_start || exit 1
JOB=$(job_new 500 p1)
temd_kill KILL
sleep 0.1

died() { ! kill -0 "$TEMD_PID" 2>/dev/null; }

for stage in $STAGES; do
    # The store's own places are passed at start already: later passes are the ones in mid-job.
    case $stage in store.*) pass=8 ;; *) pass=2 ;; esac
    TEM_FAULT=$stage:$pass "$TEM_TEMD" --config "$DIR/temd.yaml" 2>>"$DIR/log/temd" &
    TEMD_PID=$!
    disown # or the shell would report its death
    wait_for 10 died
    ok $? "temd dies at $stage (labels on paper: $(drawn p1))"
    temd_kill KILL
done
for signal in KILL TERM KILL TERM; do # TERM: temd stops at once, the printer goes on
    temd_start || exit 1
    sleep 0.$((RANDOM % 8))
    temd_kill $signal
done
temd_start || exit 1
finish_job "$JOB" p1 90
is "$DOUBTS" 0 "kills of temd leave no doubt"
judge p1 500 "temd killed at every stage"
judge_job "$JOB" 500 "temd killed at every stage"
is "$(find "$DIR/feed" -type f | wc -l)" 0 "no token is left behind"
