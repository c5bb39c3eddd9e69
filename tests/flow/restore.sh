#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A copy of the store that is made while labels print and put back later: no number twice on paper, and
# what nobody can know any more is in doubt.
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
plant --speed-mm-s 300 --labels-loaded 1000

COPY=$DIR/copy.db
copy() { TEM_TEMD=$TEM_TEMD tem backup "$COPY" --config "$DIR/temd.yaml"; }

A=$(job_new 40 p1 A)
wait_for 10 drawn_at_least p1 12
copy >"$DIR/said" 2>&1
is $? 0 "a copy is made while labels print"
[ "$(drawn p1)" -lt 40 ]
ok $? "they still did"
copy >/dev/null 2>&1
is $? 3 "a second copy does not overwrite it"
finish_job "$A" p1
B=$(job_new 25 p1 B) # the copy does not know this job
finish_job "$B" p1
is "$(drawn p1)" 65 "both jobs on paper"
tem restore "$COPY" --config "$DIR/temd.yaml" --yes >"$DIR/said" 2>&1
is $? 3 "nothing is put back while temd runs"
temd_kill TERM
echo 'damaged: a page of the store that was there' >"$DIR/store/tem.open"
tem restore "$COPY" --config "$DIR/temd.yaml" --yes >"$DIR/said" 2>&1
is $? 0 "the copy is put back"
[ ! -e "$DIR/store/tem.open" ]
ok $? "damage of the store that was there is not that of the copy"
temd_start || exit 1
is "$(api GET /healthz | jq -r '"\(.status) \(.epoch)"')" "ok 2" "a new epoch"
is "$(job_state "$A")" held "the job that was printing then is held"
[ "$(labels_in "$A" in_doubt)" -gt 0 ]
ok $? "what was not printed then is in doubt"
sums_up "$A"
ok $? "its states add up"
sleep 0.5
is "$(drawn p1)" 65 "nothing prints by itself"
SCAN_ROLL=65 resolve_as_seen "$A" p1
wait_for 5 job_is "$A" closed
is "$(job_state "$A")" closed "the roll tells that all of it is there"
C=$(job_new 30 p1 C)
finish_job "$C" p1
judge p1 95 "after the copy was put back"
scan_pictures $(roll_end p1 95) | cut -f2- | sort | uniq -d >"$DIR/twice"
is "$(wc -l <"$DIR/twice")" 0 "no number on two labels"
is "$(api GET /v1/ledger/events | jq -r 'select(.type == "store.renewed") | "\(.because) \(.epoch)"')" \
    "a copy was put back 2" "the ledger says what was done"
run_verify() { tem ledger verify >"$DIR/verify" 2>&1; }
run_verify
is $? 0 "and is whole"

# ---- behind temd's back: the folder of the store alone is set back
temd_kill TERM
rm -rf "$DIR/yesterday" && cp -r "$DIR/store" "$DIR/yesterday"
temd_start || exit 1
D=$(job_new 30 p1 D)
finish_job "$D" p1
temd_kill KILL
rm -rf "$DIR/store" && mv "$DIR/yesterday" "$DIR/store"
temd_start || exit 1
is "$(api GET /healthz | jq -r '"\(.status) \(.epoch)"')" "ok 3" "set back: noticed, another epoch"
E=$(job_new 30 p1 E)
finish_job "$E" p1
judge p1 155 "set back"
scan_pictures $(roll_end p1 155) | cut -f2- | sort | uniq -d >"$DIR/twice"
is "$(wc -l <"$DIR/twice")" 0 "set back: no number on two labels"
