#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The device: its connection cut in the middle, power cut between two labels (buffer and stored
# plates lost), power cut in the middle of a label, out of labels, head open, switched off at first.
. "$(dirname "$0")/lib.sh"
flow_begin
plant --speed-mm-s 600
TOTAL=0

JOB=$(job_new 3 p1 whole)
finish_job "$JOB" p1
TOTAL=3
BLACK=$(jq -s '[.[] | select(.kind == "label") | .black] | min * 9 / 10 | floor' "$DIR/out-p1/labels.jsonl")

fault() { # fault NAME COMMANDS-TO-PRINTER (one an argument)
    local name=$1 job
    shift
    job=$(job_new 60 p1 "L$TOTAL")
    wait_for 10 drawn_at_least p1 $((TOTAL + 10))
    for command in "$@"; do
        case $command in
            sleep*) $command ;;
            # shellcheck disable=SC2086
            *) printer_tell p1 $command >>"$DIR/log/tell" ;;
        esac
    done
    finish_job "$job" p1 90
    TOTAL=$((TOTAL + 60))
    at_most $DOUBT_MOST $WINDOW "$name: labels in doubt"
    judge p1 $TOTAL "$name"
    judge_job "$job" 60 "$name"
    is "$(plateless p1 "$BLACK")" 0 "$name: labels without their plate"
}

physical() { printer_tell p1 status | jq .n; }

fault "connection cut" drop
fault "connection cut in mid-label" "drop-at-byte 700"
fault "power cut between labels" "power-cycle-after $(($(physical) + 20)) 500"
fault "power cut in mid-label" "power-cycle 500"
fault "head open and closed" "head open" "sleep 1" "head close"
fault "out of labels, new roll with two feeds" "media-out-at $(($(physical) + 20))" "sleep 3" "reload 1000 feeds=2"
is "$(labels_in "$JOB" in_doubt)" 0 "nothing is left in doubt"

# A printer that is off when the job comes: it waits, and prints all of it.
printer_tell p1 quit >/dev/null
wait "${PIDS[p1]}" 2>/dev/null
JOB=$(job_new 20 p1 off)
sleep 2
is "$(job_state "$JOB")" open "printer off: the job waits"
printer_start p1 --speed-mm-s 600 || exit 1
finish_job "$JOB" p1 90
is $DOUBTS 0 "printer off at first: no doubt"
TOTAL=$((TOTAL + 20))
judge p1 $TOTAL "printer off at first"
