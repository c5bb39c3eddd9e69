#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A number on a second label only because a person ordered it, once an order, whatever is killed; and
# reads of a scanner.
. "${srcdir:-.}/tests/flow/lib.sh"
flow_needs ZXingReader
flow_begin
plant --speed-mm-s 300 --labels-loaded 1000

number_of() { # number_of PRINTER N: the serial on the n-th label of the roll
    local png
    png=$(jq -r 'select(.kind == "label") | .png' "$DIR/out-$1/labels.jsonl" | sed -n "$2p")
    ZXingReader -1 -format DataMatrix "$DIR/out-$1/$png" | sed -nE 's/^.*<GS>21(.*)"$/\1/p'
}
result_of() { tem verify "$1" --json | jq -r .result; }
label_state() { tem label "$1" --json | jq -r '"\(.state) \(.attempt)"'; }
reprints_done() { [ "$(api GET '/v1/reprints?open=1' | jq '.reprints | length')" = 0 ] && printer_idle p1; }

JOB=$(job_new 20 p1)
finish_job "$JOB" p1
is "$(drawn p1)" 20 "twenty labels on paper"
SEVEN=$(number_of p1 7)
is "$(label_state "$SEVEN")" "printed 1" "label 7 is known by the number on it"

# ---- one damaged label
tem reprint "$SEVEN" --reason damaged --note "wet" --yes >"$DIR/order" 2>&1
is $? 0 "a reprint is ordered"
wait_for 10 drawn_at_least p1 21 && wait_for 10 reprints_done
is "$(drawn p1)" 21 "one more label on paper"
is "$(number_of p1 21)" "$SEVEN" "with the same number"
is "$(twice p1)" 1 "and the same dots"
is "$(label_state "$SEVEN")" "printed 2" "its second attempt is printed"
is "$(job_state "$JOB")" closed "the job stays closed"
sums_up "$JOB"
ok $? "its states add up"
sqlite3 "$DIR/store/tem.db" "SELECT body FROM event" >"$DIR/events" 2>/dev/null
is "$(grep '"reprint.ordered"' "$DIR/events" | jq -r '"\(.reason) \(.words) \(.first) \(.last)"')" "damaged wet 7 7" \
    "who ordered what and why is in the ledger"

# ---- what is refused, and changes nothing
tem reprint "$SEVEN" --reason boredom --yes >"$DIR/refused" 2>&1
is $? 1 "a reason that is not configured"
grep -q 'damaged | unreadable' "$DIR/refused"
ok $? "the message names those that are"
tem reprint NEVER0ISSUED --reason damaged --yes >/dev/null 2>&1
is $? 1 "a number that was never issued"
sleep 0.5
is "$(drawn p1)" 21 "nothing was printed for them"

# ---- temd is killed at each step of a reprint: one label more, never two
died() { ! kill -0 "$TEMD_PID" 2>/dev/null; }
want=21 label=10
for point in dispatch.token.before dispatch.commit.before dispatch.release.before dispatch.release.after \
    dispatch.submit.before dispatch.submit.after follow.settle.before follow.settle.after; do
    label=$((label + 1)) want=$((want + 1))
    temd_kill TERM
    TEM_FAULT=$point:1 "$TEM_TEMD" --config "$DIR/temd.yaml" 2>>"$DIR/log/temd" &
    TEMD_PID=$!
    disown # or the shell would report its death
    wait_for 10 temd_up
    tem reprint "$(number_of p1 $label)" --reason unreadable --yes >/dev/null 2>&1
    wait_for 10 died
    ok $? "temd dies at $point"
    temd_kill KILL
    temd_start || exit 1
    wait_for 10 drawn_at_least p1 $want && wait_for 10 reprints_done
    is "$(drawn p1)" $want "killed at $point: one label more"
    is "$(label_state "$(number_of p1 $label)")" "printed 2" "killed at $point: its second attempt is printed"
done

# ---- the template's limit
for again in 1 2; do
    want=$((want + 1))
    tem reprint "$SEVEN" --reason lost --yes >/dev/null 2>&1
    wait_for 10 drawn_at_least p1 $want && wait_for 5 reprints_done
done
tem reprint "$SEVEN" --reason lost --yes >"$DIR/refused" 2>&1
is $? 4 "a label is not reprinted more often than its template says"
sleep 0.5
is "$(drawn p1)" $want "and is not printed"

# ---- reads
ONE=$(number_of p1 1)
is "$(result_of "$ONE")" verified "a printed label is verified"
is "$(result_of "$ONE")" duplicate "the second read of it is a duplicate"
is "$(result_of UNKNOWN000)" unknown "a number from elsewhere is unknown"
FIVE=$(number_of p1 5)
tem void "$FIVE" --reason "torn while applied" --yes >/dev/null
is "$(result_of "$FIVE")" void "a spoiled label is void"
is "$(label_state "$ONE")" "verified 1" "the ledger's word"
sums_up "$JOB"
ok $? "the job's states add up"
is "$(protocol_errors p1)" 0 "protocol errors"
