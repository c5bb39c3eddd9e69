#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same more than 35 seconds after the submission, when cupsd has written the job's control file
# and would print it again from its first byte. Three plants side by side, since it is all waiting.
. "$(dirname "$0")/lib.sh"

if [ $# -eq 0 ]; then
    flow_once
    flow_needs cupsd lpadmin jq curl
    parts=$(mktemp -d "${TMPDIR:-/tmp}/tem-late.XXXXXX")
    for signal in TERM KILL HUP; do
        bash "$0" $signal >"$parts/$signal" 2>&1 &
    done
    wait
    # One plan over the three.
    sed -E '/^1\.\./d' "$parts"/* | awk '/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++n) } { print } END { print "1.." n }'
    ! grep -qs '^not ok' "$parts"/* && [ "$(grep -h -c '^1\.\.[1-9]' "$parts"/* | awk '{ n += $1 } END { print n }')" = 3 ]
    code=$?
    rm -rf "$parts"
    exit $code
fi

signal=$1
flow_begin
plant --speed-mm-s 78 # 33 mm a label: 0.42 s each, 42 s a chunk
JOB=$(job_new 110 p1 "$signal")
wait_for 20 drawn_at_least p1 1
sleep 36
say "$(drawn p1) labels on paper"
if [ $signal = HUP ]; then
    kill -HUP "$CUPSD_PID"
    wait_for 10 cups_up
else
    cups_kill $signal
    sleep 0.5
    cups_start || exit 1
fi
finish_job "$JOB" p1 120
at_most $DOUBT_MOST $WINDOW "SIG$signal late: labels in doubt"
judge p1 110 "SIG$signal late"
judge_job "$JOB" 110 "SIG$signal late"
