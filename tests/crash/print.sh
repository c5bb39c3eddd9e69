#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# temd dies at each point that an ordinary job passes, and at those of taking up what was on its way.
. "${srcdir:-.}/tests/crash/lib.sh"
flow_once
flow_needs ZXingReader sqlite3

setup() {
    cups_start || exit 1
    crash_printer p1 --speed-mm-s 0
    crash_config p1:zpl-203
    temd_again
}

# An order to a temd that dies of it; the client asks again afterwards.
ordered() { # ordered POINT FAULT QUANTITY
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    order_send
    dies "$1"
    intent_first
    temd_again
    order_send
    want "$STATUS" 201 "the order once more"
    JOBS=$((JOBS + 1))
    job_ends
    want $DOUBTS 0 "doubt although temfeed went on"
    judge_end "$3" "$3"
}

run_job() { # two chunks where it dies of the second
    local labels=2
    [ "$3" = 1 ] || labels=5
    order_new $labels p1
    ordered "$1" "$2" $labels
}

run_scope() { # a GTIN that nothing was printed of yet
    order_new 2 p1
    local head=893850$((100000 + LOT)) digit sum=0 i
    for i in $(seq 12); do sum=$((sum + ${head:i-1:1} * (i % 2 ? 1 : 3))); done
    digit=$(((10 - sum % 10) % 10))
    BODY=${BODY/8938505974194/$head$digit}
    ordered "$1" "$2" 2
}

# A chunk is on its way, its token released, nothing submitted: taken up again, and dead twice.
run_resume() {
    order_new 2 p1
    temd_end TERM
    temd_run TEM_FAULT=dispatch.release.after
    order_send
    dies dispatch.release.after
    temd_run "TEM_FAULT=$2"
    dies "$1"
    intent_first
    temd_run "TEM_FAULT=$2"
    await 1 dead && dies "$1" # as often as it is passed again
    temd_end KILL
    temd_again
    order_send
    JOBS=$((JOBS + 1))
    job_ends
    want $DOUBTS 0 "doubt although temfeed went on"
    judge_end 2 2
}

# SIGTERM in the middle of a job.
run_stop() {
    order_new 2 p1
    temd_end TERM
    temd_run "TEM_FAULT=$2"
    order_send
    kill -TERM "$TEMD_PID"
    dies "$1"
    intent_first
    temd_again
    order_send
    JOBS=$((JOBS + 1))
    job_ends
    want $DOUBTS 0 "doubt although temfeed went on"
    judge_end 2 2
}

crash_run temd job scope resume stop
