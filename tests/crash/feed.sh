#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# temfeed dies at each point, once, as a filter of cupsd. temd settles what is left by names and
# journals; a window of labels may be in doubt, and the operator looks at the roll. CUPS is told to
# restart the job: it prints nothing.
. "${srcdir:-.}/tests/crash/lib.sh"
flow_once
flow_needs ZXingReader sqlite3

setup() {
    CUPS_PRESERVE=Yes cups_make && filter_wrap
    cups_start || exit 1
    crash_printer p1 --speed-mm-s 0
    crash_printer p2 --speed-mm-s 150
    crash_printer p3 --speed-mm-s 300 --mute
    crash_config p1:zpl-203 p2:zpl-203 p3:zpl-203:none
    temd_again
}

# temfeed must have died of the point; its CUPS job is started again.
feed_dies() { # feed_dies POINT
    await "${DIES_S:-10}" test -s "$DIR/feed/died" || BAD+=("$1 is not reached")
    lp -i "$(cat "$DIR/feed/died" 2>/dev/null)" -H restart >>"$DIR/log/restarts" 2>&1 ; echo "lp $?" >>"$DIR/log/restarts"
    rm -f "$DIR"/feed/fault* "$DIR/feed/died"
}

feed_order() { # feed_order FAULT QUANTITY PRINTER [TEMPLATE]
    echo "$1" >"$DIR/feed/fault"
    shift
    order_new "$@"
    order_send
    JOBS=$((JOBS + 1))
}

run_feed() {
    feed_order "$2" 6 p1
    feed_dies "$1"
    job_ends
    most "$DOUBT_MOST" 4 "labels in doubt, at most a window"
    judge_end 6 6
}

# Nothing was taken: whatever dies, no doubt.
run_untaken() {
    run_feed "$@"
    want "$DOUBTS" 0 "doubt although the token was not taken"
}

# A printer that never answers: what was sent counts as sent, doubt is a chunk at most.
run_blind() {
    feed_order "$2" 6 p3 pack-sent
    feed_dies "$1"
    CLEARED=true job_ends
    most "$DOUBT_MOST" 4 "labels in doubt, at most a chunk"
    await 5 printer_idle p3
    want "$(twice p3)" 0 "labels on paper twice"
    want "$(job_state "$JOB")" closed "state"
    sums_up "$JOB" || BAD+=("its states do not add up")
    PAPER[p3]=$(drawn p3)
}

# Cancelled while it prints, which is SIGTERM for temfeed.
run_cancelled() {
    local before=${PAPER[p2]} paper
    feed_order "$2" 8 p2
    await 10 drawn_is p2 $((before + 1))
    api POST "/v1/jobs/$JOB/cancel" "${JSON[@]}" -d "$WHO" >/dev/null
    feed_dies "$1"
    await 20 printer_idle p2
    job_ends
    most "$(labels_in "$JOB" in_doubt)" 4 "labels in doubt"
    [ "$(labels_in "$JOB" in_doubt)" = 0 ] || CLEARED=true resolve_as_seen "$JOB" p2
    paper=$(($(drawn p2) - before))
    judge_end $paper $paper cancelled
}

out_of_labels() { printer_tell p2 status | jq -e .media_out >/dev/null; }

# The roll ends, a new one is put in, two labels are fed by hand: doubt.
run_torn() {
    printer_tell p2 media-out-at $(($(printer_tell p2 status | jq .n) + 3)) >/dev/null
    feed_order "$2" 8 p2
    await 10 out_of_labels
    sleep 0.3
    printer_tell p2 reload 1000 feeds=2 >/dev/null
    feed_dies "$1"
    job_ends
    most "$DOUBT_MOST" 4 "labels in doubt, at most a window"
    judge_end 8 8
}

crash_run temfeed feed untaken blind cancelled torn
