#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Labels that a person calls absent while they still wait in the printer must not come out beside
# their next attempt; orders given in CUPS to a running job hold the Tem job; Tem's own cancel finds
# the job that prints, whichever of several CUPS has.
. "$(dirname "$0")/lib.sh"
flow_begin
plant --speed-mm-s 300
TOTAL=0

# The labels run out soon, and the printer stands. On a busy machine it may be past the label by the
# time it is told: then it is told again. (Printing on while somebody looks at the roll would make
# labels come out that were called absent.)
out_soon() { printer_tell p1 media-out-at $(($(printer_tell p1 status | jq .n) + 2)) >/dev/null; }
out_of_labels() { printer_tell p1 status | jq -e .media_out >/dev/null; }
run_out() { wait_for 5 out_soon && wait_for 10 out_of_labels; }
cleared() { printer_tell p1 status | jq -e '.formats == 0' >/dev/null; }
job_held_by() { [ "$(job_field "$1" '.hold.reason // ""')" = "$2" ]; }

refused() { # the order to resolve, as seen, is refused since labels may still be in the printer
    resolve_as_seen "$JOB" p1 >"$DIR/refused"
    grep -q printer-not-cleared "$DIR/refused"
}
kill_filter() {
    # shellcheck disable=SC2046
    kill -9 $(filter_pids)
}

# A window of labels is in the printer, out of labels; the filter dies; a person sees none of them.
# Tem empties the printer before anybody may call them absent; another job waits meanwhile.
JOB=$(job_new 40 p1 first)
OTHER=$(job_new 5 p1 other)
wait_for 10 drawn_at_least p1 10
run_out
sleep 1
kill_filter
wait_for 10 job_held_by "$JOB" doubt
ok $? "held for doubt"
refused
ok $? "absent is refused before the printer was emptied"
is "$(job_field "$JOB" .being_emptied)" true "the job says that it is being emptied"
tem job "$JOB" | grep -q "^Wait: the printer is being emptied"
ok $? "and so does tem job"
wait_for 20 cleared
printer_tell p1 reload 1000 feeds=0 >/dev/null
finish_job "$JOB" p1 60
finish_job "$OTHER" p1 30
TOTAL=45
judge p1 $TOTAL "absent while they waited in the printer"
judge_job "$JOB" 40 "absent while they waited in the printer"
judge_job "$OTHER" 5 "the job beside it"

# The same with the queue stopped: nothing can empty the printer, and it goes on by itself.
JOB=$(job_new 40 p1 stopped)
wait_for 10 drawn_at_least p1 $((TOTAL + 10))
printer_tell p1 pause >/dev/null
sleep 1
cupsdisable p1
kill_filter
wait_for 20 job_held_by "$JOB" doubt
refused
ok $? "absent is refused while the queue is stopped"
printer_tell p1 resume >/dev/null
wait_for 10 printer_idle p1
cupsenable p1
finish_job "$JOB" p1 60
TOTAL=$((TOTAL + 40))
judge p1 $TOTAL "the queue was stopped"
judge_job "$JOB" 40 "the queue was stopped"

# temd dies before it is emptied: it is emptied at the next start.
JOB=$(job_new 40 p1 again)
wait_for 10 drawn_at_least p1 $((TOTAL + 10))
printer_tell p1 pause >/dev/null
sleep 1
cupsdisable p1
kill_filter
wait_for 20 job_held_by "$JOB" doubt
temd_kill KILL
temd_start || exit 1
refused
ok $? "absent is refused after a restart"
cupsenable p1
wait_for 20 cleared
ok $? "then it is emptied: what waited in it is gone"
printer_tell p1 resume >/dev/null
wait_for 20 eval '[ "$(job_field "$JOB" .being_emptied)" = false ]'
ok $? "and when it answers, the job says so"
finish_job "$JOB" p1 60
TOTAL=$((TOTAL + 40))
judge p1 $TOTAL "temd died before it was emptied"
judge_job "$JOB" 40 "temd died before it was emptied"

# Somebody empties the feed folder: the printer must not go on where nobody can follow it.
JOB=$(job_new 60 p1 emptied)
wait_for 10 drawn_at_least p1 $((TOTAL + 10))
rm -f "$DIR"/feed/*
wait_for 30 job_held_by "$JOB" doubt
ok $? "feed folder emptied: held for doubt"
wait_for 10 printer_idle p1
SCAN_ROLL=70 resolve_as_seen "$JOB" p1
finish_job "$JOB" p1 60
TOTAL=$((TOTAL + 60))
judge p1 $TOTAL "feed folder emptied"
judge_job "$JOB" 60 "feed folder emptied"

# Held by a person besides, out of labels: nothing may come out once the person has decided.
JOB=$(job_new 40 p1 both)
wait_for 10 drawn_at_least p1 $((TOTAL + 6))
api POST "/v1/jobs/$JOB/hold" -H 'Content-Type: application/json' -d '{"person":"operator"}' >/dev/null
run_out
sleep 1
kill_filter
wait_for 10 eval '[ "$(labels_in "$JOB" in_doubt)" -gt 0 ]'
refused
ok $? "held besides: absent is refused before the printer was emptied"
wait_for 10 cleared
CLEARED=true resolve_as_seen "$JOB" p1
ok $? "a person's word that it was switched off and on will do"
printer_tell p1 reload 1000 feeds=0 >/dev/null
wait_for 10 printer_idle p1
finish_job "$JOB" p1 60
TOTAL=$((TOTAL + 40))
judge p1 $TOTAL "held by a person besides"

# cancel in CUPS, in the middle: somebody wants it to stop.
JOB=$(job_new 60 p1 stop)
wait_for 10 drawn_at_least p1 $((TOTAL + 5))
cancel -a p1
wait_for 30 job_held_by "$JOB" cups
ok $? "cancelled in CUPS: the Tem job is held"
finish_job "$JOB" p1 60
TOTAL=$((TOTAL + 60))
judge p1 $TOTAL "cancelled in CUPS, then released"

# The printer is off, temd restarts: CUPS may have the chunk more than once. Cancel must find the
# one that prints.
printer_tell p1 quit >/dev/null
wait "${PIDS[p1]}" 2>/dev/null
JOB=$(job_new 60 p1 twice)
sleep 1
temd_kill KILL
temd_start || exit 1
sleep 1
is "$(lpstat -W not-completed -o p1 | wc -l)" 1 "CUPS has the chunk once, also after a restart"
printer_start p1 --speed-mm-s 300 || exit 1
wait_for 30 drawn_at_least p1 $((TOTAL + 3))
api POST "/v1/jobs/$JOB/cancel" -H 'Content-Type: application/json' -d '{"person":"operator"}' >/dev/null
wait_for 40 job_is "$JOB" cancelled
ok $? "cancelled"
wait_for 10 printer_idle p1
at_most $(($(drawn p1) - TOTAL)) 30 "cancel stops it in the middle: labels on paper"
sums_up "$JOB"
ok $? "its states add up"
is "$(twice p1)" 0 "nothing twice"
