#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The disk dies, and with it witness and marks. A copy that SQLite made while labels were printed is put
# in place by hand; nothing says how old it is. temd waits for a person, who puts it back with `tem
# restore`. What it calls reserved may be on paper by now.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader sqlite3
flow_begin
plant --speed-mm-s 1000

A=$(job_new 150 p1 A)
wait_for 10 drawn_at_least p1 12
sqlite3 "$DIR/store/tem.db" ".backup $DIR/copy.db"
finish_job "$A" p1
is "$(drawn p1)" 150 "on paper"
B=$(job_new 5 p1 B) # the copy knows nothing of it
finish_job "$B" p1
temd_kill TERM
rm -rf "$DIR"/store "$DIR"/feed/*
find "$DIR/keys" \( -name '*.witness*' -o -name '*.marks' \) -delete
install -d -m 0750 "$DIR/store"
cp "$DIR/copy.db" "$DIR/store/tem.db"
"$TEM_TEMD" --config "$DIR/temd.yaml" 2>>"$DIR/log/temd" &
TEMD_PID=$!
person() { [ "$(curl -s --unix-socket "$DIR/temd.sock" http://localhost/healthz | jq -r '"\(.status) \(.witness.state)"')" = "person missing" ]; }
wait_for 10 person
ok $? "a store without its witness waits for a person"
sleep 1
is "$(drawn p1)" 155 "and prints nothing"
temd_kill TERM
"$TEM_TEMD" --config "$DIR/temd.yaml" --restore "$DIR/copy.db" >/dev/null
is $? 0 "it is put back"
temd_start || exit 1
is "$(job_state "$A")" held "the job is held"
is "$(labels_in "$A" reserved)" 0 "nothing of it is printed by itself"
SCAN_ROLL=400 finish_job "$A" p1 90
B=$(job_new 5 p1 C)
finish_job "$B" p1 30
is "$(drawn p1)" 160 "what was on paper is not printed again"
is "$(twice p1)" 0 "none twice"
