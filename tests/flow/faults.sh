#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each fault of a printer, with the exact number of labels that it may leave in doubt, and the words
# that people read meanwhile.
#
# The arithmetic: labels take 0.66 s (33 mm at 50 mm/s), so that all that has come out was counted
# before the next is half out. The window is 4. With K labels out and counted, K - 1 are confirmed
# (the last counted waits for the next), so K + 3 are sent. A fault that hands mend leaves what is
# sent and not confirmed in doubt: K to K + 3, four labels. What was not sent waits.
. "$(dirname "$0")/lib.sh"
flow_once
flow_begin
plant --speed-mm-s 50
TOTAL=0

reasons() { ipptool -t -d uri="ipp://localhost/printers/p1" /dev/stdin 2>/dev/null; }
words() { api GET /v1/printers | jq -r '.printers[] | select(.name == "p1") | .words'; }
words_are() { [[ $(words) == *"$1"* ]]; }
reasons() { # as CUPS has them
    lpstat -l -p p1 2>/dev/null | sed -n 's/^[[:space:]]*Alerts: //p'
}
reasons_are() { [[ " $(reasons) " == *" $1 "* ]]; }
in_doubt_is() { [ "$(labels_in "$JOB" in_doubt)" = "$1" ]; }
physical() { printer_tell p1 status | jq .n; }
mid_label() { # mid_label N: N labels of this job are out, the next is half out
    wait_for 30 drawn_at_least p1 $((TOTAL + $1))
    sleep 0.2
}

# fault NAME REASON WORDS COUNTED DOUBT MEND...: the printer has the fault since COUNTED labels of 10
# were out and counted; MEND are commands that end it.
fault() {
    local name=$1 reason=$2 text=$3 counted=$4 doubt=$5 command
    shift 5
    wait_for 10 words_are "$text"
    ok $? "$name: people read \"$text\""
    wait_for 5 reasons_are "$reason"
    ok $? "$name: printer-state-reasons has $reason"
    is "$(labels_in "$JOB" in_doubt)" 0 "$name: nothing is decided while it is open"
    DRAWN=$(drawn p1)
    sleep 1
    is "$(drawn p1)" "$DRAWN" "$name: and nothing prints"
    for command in "$@"; do
        # shellcheck disable=SC2086
        printer_tell p1 $command >>"$DIR/log/tell"
    done
    if [ "$doubt" -gt 0 ]; then
        wait_for 30 in_doubt_is "$doubt"
        ok $? "$name: in doubt: $(labels_in "$JOB" in_doubt) ($doubt)"
        is "$(labels_in "$JOB" printed)" $((counted - 1)) "$name: confirmed before"
        is "$(labels_in "$JOB" reserved)" $((10 - counted + 1 - doubt)) "$name: not sent"
    fi
    finish_job "$JOB" p1 60
    TOTAL=$((TOTAL + 10))
    judge p1 $TOTAL "$name"
    judge_job "$JOB" 10 "$name"
    wait_for 5 eval '[ "$(reasons)" = none ]'
    ok $? "$name: the reason is taken back"
}

JOB=$(job_new 10 p1 media)
printer_tell p1 media-out-at $(($(physical) + 5)) >/dev/null
fault "out of labels" media-empty-error "out of labels" 4 4 "reload 1000 feeds=2"

JOB=$(job_new 10 p1 ribbon)
mid_label 4
printer_tell p1 ribbon out >/dev/null
fault "out of ribbon" marker-supply-empty-error "out of ribbon" 4 4 "ribbon in"

JOB=$(job_new 10 p1 head)
mid_label 4
printer_tell p1 head open >/dev/null
fault "head open" cover-open-error "print head is open" 4 4 "head close" feed

JOB=$(job_new 10 p1 jam)
mid_label 4
printer_tell p1 jam on >/dev/null
fault "jam" media-jam-error "jammed" 4 4 "jam off"

# The cutter sticks after the label that moves: that one is whole and counted.
JOB=$(job_new 10 p1 cutter)
mid_label 4
printer_tell p1 cutter on >/dev/null
fault "cutter" cutter-error "cutter is stuck" 5 4 "cutter off"

# A pause leaves labels where they are.
JOB=$(job_new 10 p1 pause)
mid_label 4
printer_tell p1 pause >/dev/null
fault "paused" paused-warning "paused at the printer" 5 0 "resume"
is $DOUBTS 0 "paused: nobody had to decide"

# Silent for no reason that it tells.
JOB=$(job_new 10 p1 mute)
mid_label 4
printer_tell p1 mute on >/dev/null
wait_for 10 words_are "does not answer"
ok $? "silent: people read that it does not answer"
wait_for 5 reasons_are timed-out-error
ok $? "silent: printer-state-reasons has timed-out-error"
sleep 3 # what is in the printer comes out
at_most $(($(drawn p1) - TOTAL)) 8 "silent: no more is sent than the window; labels on paper"
printer_tell p1 mute off >/dev/null
finish_job "$JOB" p1 60
at_most "$DOUBT_MOST" 4 "silent: labels in doubt"
TOTAL=$((TOTAL + 10))
judge p1 $TOTAL "silent"
judge_job "$JOB" 10 "silent"
