#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Storms: jobs under random faults, as fast as hands can make them, then counted on the roll. No
# label may be twice, none missing that counts as printed. STORM_SEED repeats one, STORM_JOBS makes
# it longer.
. "$(dirname "$0")/lib.sh"
flow_begin
plant --speed-mm-s 300
TOTAL=0
RANDOM=${STORM_SEED:=$((RANDOM % 30000))}
say "STORM_SEED=$STORM_SEED"

JOB=$(job_new 3 p1 whole)
finish_job "$JOB" p1
TOTAL=3
BLACK=$(jq -s '[.[] | select(.kind == "label") | .black] | min * 9 / 10 | floor' "$DIR/out-p1/labels.jsonl")

tell() {
    # a command that does not fit now is no fault of anybody: a drop with no connection
    # shellcheck disable=SC2086
    printer_tell p1 $1 >>"$DIR/log/tell" 2>&1
    return 0
}
hands() { sleep "$(awk "BEGIN { print 1.2 + $((RANDOM % 20)) / 10 }")"; } # nobody mends a fault faster
feeds() { local n; for n in $(seq $((RANDOM % 4))); do tell feed; done; }
calamities=(head media ribbon jam cutter pause panel mute stall drop power blackout swap foreign roll filter)
strike() {
    local what=${calamities[RANDOM % ${#calamities[@]}]}
    # One foreign label a chunk: the counter cannot tell more (drivers/README.md).
    [ "$what" = foreign ] && [ -n "$FOREIGN" ] && what=head
    STRUCK="$STRUCK $what"
    case $what in
        head) tell "head open"; hands; tell "head close"; feeds ;;
        media) tell "media-out-at $(($(printer_tell p1 status | jq .n) + 1 + RANDOM % 3))"; hands; hands; tell "reload 1000 feeds=$((RANDOM % 4))" ;;
        ribbon) tell "ribbon out"; hands; hands; tell "ribbon in"; feeds ;;
        jam) tell "jam on"; sleep 2; hands; hands; tell "jam off"; feeds ;;
        cutter) tell "cutter on"; sleep 2; hands; hands; tell "cutter off" ;;
        pause) tell pause; hands; tell resume ;;
        panel) tell pause; hands; tell clear; hands; feeds; hands; tell resume ;;
        mute) tell "mute on"; hands; hands; tell "mute off" ;;
        stall) tell "stall on"; hands; hands; tell "stall off" ;;
        drop) tell drop ;;
        power) tell "power-cycle $((RANDOM % 1500))" ;;
        blackout) tell "blackout $((2500 + RANDOM % 2000))"; hands; hands; hands ;;
        swap) tell pause; hands; tell "swap SN$RANDOM $((RANDOM % 300))"; hands; tell resume ;;
        foreign) FOREIGN=1; tell foreign ;;
        roll) tem printer change-roll p1 --no-wait >>"$DIR/log/tell"; hands; hands; feeds; tem printer resume p1 >>"$DIR/log/tell" ;;
        # shellcheck disable=SC2046
        filter) kill -9 $(filter_pids) 2>/dev/null ;;
    esac
}

for job in $(seq "${STORM_JOBS:-3}"); do
    JOB=$(job_new 40 p1 "storm$job")
    FOREIGN='' STRUCK=''
    for _ in 1 2 3; do
        sleep "0.$((RANDOM % 10))"
        job_is "$JOB" closed && break
        strike
    done
    finish_job "$JOB" p1 120
    TOTAL=$((TOTAL + 40))
    say "struck by$STRUCK; $DOUBTS times in doubt, at most $DOUBT_MOST labels"
    at_most "$DOUBT_MOST" $WINDOW "storm $job: labels in doubt"
    judge p1 $TOTAL "storm $job"
    judge_job "$JOB" 40 "storm $job"
    is "$(plateless p1 "$BLACK")" 0 "storm $job: labels without their plate"
    for command in "head close" "ribbon in" "jam off" "cutter off" resume "mute off" "stall off" "load"; do tell "$command"; done
done
