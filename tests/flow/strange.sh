#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Strange printers: rebooted or swapped behind a print server that keeps the connection, shared with
# somebody else, one that answers while it is out of labels, a peeler that waits.
. "$(dirname "$0")/lib.sh"
flow_once
flow_begin
cups_start && printer_start p1 --speed-mm-s 200 && printer_start talks --speed-mm-s 50 --talkative &&
    printer_start peels --speed-mm-s 200 --mode peel --take-ms -1 || exit 1
for printer in p1 talks peels; do queue_add $printer $printer; done
temd_config p1:zpl-203 talks:zpl-203 peels:zpl-203
sed -i 's/name: peels,/name: peels, output: peel,/' "$DIR/temd.yaml"
temd_start || exit 1
TOTAL=0

JOB=$(job_new 3 p1 whole)
finish_job "$JOB" p1
TOTAL=3
BLACK=$(jq -s '[.[] | select(.kind == "label") | .black] | min * 9 / 10 | floor' "$DIR/out-p1/labels.jsonl")
held_because() { [[ $(job_field "$JOB" '.hold.text // ""') == *"$1"* ]]; }

strange() { # strange NAME WHY COMMAND...
    local name=$1 why=$2 command lost
    shift 2
    JOB=$(job_new 40 p1 "S$TOTAL")
    wait_for 15 drawn_at_least p1 $((TOTAL + 8))
    for command in "$@"; do
        case $command in
            sleep*) $command ;;
            swap-exactly)
                # its counter is by chance what ours would be once all that was sent is out
                printer_tell p1 swap OTHER $(($(printer_tell p1 status | jq '.odometer + .formats + .remaining'))) >>"$DIR/log/tell"
                ;;
            clear-and-feed) # as many feeds as labels are lost: the count is exact in the end
                lost=$(printer_tell p1 status | jq '.formats + .remaining')
                printer_tell p1 clear >>"$DIR/log/tell"
                sleep 1
                for _ in $(seq "$lost"); do printer_tell p1 feed >>"$DIR/log/tell"; done
                ;;
            # shellcheck disable=SC2086
            *) printer_tell p1 $command >>"$DIR/log/tell" ;;
        esac
    done
    wait_for 30 held_because "$why"
    ok $? "$name: held because: $why"
    finish_job "$JOB" p1 60
    TOTAL=$((TOTAL + 40))
    at_most "$DOUBT_MOST" $WINDOW "$name: labels in doubt"
    judge p1 $TOTAL "$name"
    judge_job "$JOB" 40 "$name"
    is "$(plateless p1 "$BLACK")" 0 "$name: labels without their plate"
}

strange "rebooted behind a print server" "did not answer" "blackout 4000"
strange "swapped in a pause" "another printer" pause "sleep 1" swap-exactly "sleep 1" resume
strange "somebody else prints, too" "count does not add up" foreign
strange "cleared and fed at the panel" "count does not add up" pause "sleep 1" clear-and-feed "sleep 1" resume

# It answers while it is out of labels. Labels take 0.66 s, so with label 5 torn 4 are counted, and
# two equal counts confirm 3; 4 is the last counted, 5 is torn, 6 and 7 wait in the printer.
JOB=$(job_new 10 talks roll)
printer_tell talks media-out-at 5 >/dev/null
wait_for 20 eval '[ "$(api GET /v1/printers | jq -r ".printers[] | select(.name == \"talks\") | .words" | grep -c "out of labels")" = 1 ]'
ok $? "answers while out of labels: people read it"
printer_tell talks reload 1000 feeds=2 >/dev/null
wait_for 30 eval '[ "$(labels_in "$JOB" in_doubt)" = 4 ]'
ok $? "in doubt: 4 to 7"
is "$(labels_in "$JOB" printed)" 3 "confirmed: 1 to 3"
finish_job "$JOB" talks 60
judge talks 10 "answers while out of labels"

# A peeler: a label waits for somebody who does not come; temd and CUPS restart meanwhile.
JOB=$(job_new 4 peels peel)
wait_for 20 drawn_at_least peels 1
ok $? "peeler: the first label waits to be taken"
sleep 3
temd_kill TERM
temd_start
ok $? "peeler: temd starts while it waits"
is "$(job_state "$JOB")" open "peeler: no fault, no time-out"
is "$(labels_in "$JOB" in_doubt)" 0 "peeler: no doubt"
for n in 1 2 3 4; do
    wait_for 20 drawn_at_least peels $n
    sleep 0.5
    printer_tell peels take >>"$DIR/log/tell"
done
finish_job "$JOB" peels 30
is $DOUBTS 0 "peeler: nobody had to decide"
judge peels 4 "peeler"
judge_job "$JOB" 4 "peeler"
