#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What people do to queues and jobs in CUPS while a chunk prints: all of it makes CUPS send the
# document again from its first byte, to the same printer or to another.
. "$(dirname "$0")/lib.sh"
CUPS_PRESERVE=Yes # documents stay, or a completed job could not be restarted
flow_once
flow_begin
cups_start && printer_start p1 --speed-mm-s 600 && printer_start p2 --speed-mm-s 600 || exit 1
queue_add p1 p1
queue_add p2 p2
temd_config p1:zpl-203 p2:zpl-203
temd_start || exit 1
TOTAL=0

running_job() { lpstat -W not-completed -o p1 2>/dev/null | awk 'NR == 1 { print $1 }'; }
last_job() { lpstat -W completed -o p1 2>/dev/null | awk 'NR == 1 { print $1 }'; }

meddle() { # meddle NAME COMMAND...: in the middle of a job of 60
    local name=$1 job
    shift
    job=$(job_new 60 p1 "L$TOTAL")
    wait_for 10 drawn_at_least p1 $((TOTAL + 5))
    "$@" >>"$DIR/log/meddle" 2>&1
    ok $? "$name: CUPS took the order"
    finish_job "$job" p1 60
    TOTAL=$((TOTAL + 60))
    at_most $DOUBT_MOST $WINDOW "$name: labels in doubt"
    judge p1 $TOTAL "$name"
    judge_job "$job" 60 "$name"
}

off_and_on() { cupsdisable p1; sleep 0.5; cupsenable p1; }
other_device() { lpadmin -p p1 -v "socket://127.0.0.1:${PORTS[p1]}/?snmp=false&waiteof=false&contimeout=30"; }
move() { lpmove "$(running_job)" p2; }
again() { # CUPS 2.4 restarts completed jobs only; that it refuses is fine, too
    lp -i "$(running_job)" -H restart 2>&1 | tee "$DIR/log/again"
    grep -q 'request id\|not complete' "$DIR/log/again" || [ ! -s "$DIR/log/again" ]
}
hold_it() { lp -i "$(running_job)" -H hold; sleep 0.5; lp -i "$(running_job)" -H resume; }
cancel_it() { cancel "$(running_job)"; }

meddle "cupsdisable, cupsenable" off_and_on
meddle "lpadmin -v" other_device
meddle "lpmove to another Tem queue" move
meddle "lp -H restart of the running job" again
meddle "lp -H hold and resume" hold_it
meddle "cancel" cancel_it
lp -i "$(last_job)" -H restart >>"$DIR/log/meddle" 2>&1
ok $? "lp -H restart of a completed job: CUPS took the order"
sleep 2
judge p1 $TOTAL "lp -H restart of a completed job"
is "$(drawn p2)" 0 "nothing ever came out of the other printer"
# A queue that is off when the job comes: nothing starts, and the job can be moved without harm.
cupsdisable p1
JOB=$(job_new 30 p1 waiting)
sleep 1.5
move >>"$DIR/log/meddle" 2>&1
sleep 1.5
cupsenable p1
finish_job "$JOB" p1 60
TOTAL=$((TOTAL + 30))
is $DOUBTS 0 "moved before it started: no doubt"
judge p1 $TOTAL "moved before it started"
is "$(drawn p2)" 0 "nothing came out of the other printer"
