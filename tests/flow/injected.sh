#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A full disk, one that can only be read, an fsync that fails, a clock that jumps back, a feed folder that is
# gone, a page of the database that was overwritten: each while a job prints. What is asked: what the
# callers and the operator are told meanwhile; that nothing is printed twice; that all goes on by
# itself when the cause is gone (temd is started again by whoever starts services).
#
# tests/tools/faulty-disk.so lets system calls of temd and temfeed fail, below SQLite and below us.
. "$(dirname "$0")/lib.sh"
flow_once
flow_needs sqlite3
flow_begin
[ -f "$BUILD/tests/tools/faulty-disk.so" ] || flow_skip "tests/tools/faulty-disk.so is not built"
cp "$BUILD/tests/tools/faulty-disk.so" "$DIR/"
FAULTS=$DIR/faults
cups_make
# cupsd gives LD_PRELOAD to no filter.
mv "$DIR/cups/bin/filter/temfeed" "$DIR/cups/bin/filter/temfeed-itself"
cat >"$DIR/cups/bin/filter/temfeed" <<END
#!/bin/sh
LD_PRELOAD=$DIR/faulty-disk.so FAULTY_DISK=$FAULTS exec "$DIR/cups/bin/filter/temfeed-itself" "\$@"
END
chmod 755 "$DIR/cups/bin/filter/temfeed"
cups_start && printer_start p1 --speed-mm-s 600 || exit 1
queue_add p1 p1
temd_config p1:zpl-203
sed -i -e '1i ledger: {checkpoint_seconds: 1}' -e '1i limits: {chunk_impressions: 8}' -e "s|^folders: {|&witness: $DIR/witness, |" "$DIR/temd.yaml"
TOTAL=0

# As a service manager does: temd is started again whenever it ends.
supervised() {
    local child
    trap 'kill $child; wait $child; exit' TERM
    while :; do
        LD_PRELOAD=$DIR/faulty-disk.so FAULTY_DISK=$FAULTS "$TEM_TEMD" --config "$DIR/temd.yaml" 2>>"$DIR/log/temd" &
        child=$!
        echo $child >"$DIR/temd.pid"
        wait $child
        echo $? >>"$DIR/log/ends"
        sleep 0.3
    done
}
begin() {
    supervised 2>>"$DIR/log/shell" &
    TEMD_PID=$!
    wait_for 10 temd_up || { say "temd does not start"; tail -3 "$DIR/log/temd"; exit 1; }
}
begins() { grep -c 'msg="temd is ready"' "$DIR/log/temd"; }
began_again() { [ "$(begins)" -gt "$1" ]; }
fault() { printf '%s\n' "$@" >"$FAULTS.new" && chmod 644 "$FAULTS.new" && mv "$FAULTS.new" "$FAULTS"; }
mended() { rm -f "$FAULTS"; }

post() { # the status of a job that is posted now; 000 = no answer
    curl -s -o "$DIR/posted" -w '%{http_code}' --max-time 10 --unix-socket "$DIR/temd.sock" http://localhost/v1/jobs \
        -H 'Content-Type: application/json' -d '{"template":"medicine-pack","printer":"p1","quantity":1,
        "data":{"product":"x","gtin":"8938505974194","lot":"'"$1"'","expiry":"2028-03-31"}}'
}
words() { api GET /v1/printers | jq -r '.printers[] | select(.name == "p1") | "\(.state): \(.words)"'; }
words_are() { [[ $(words) == *"$1"* ]]; }
logged() { tail -n "+$((LOG + 1))" "$DIR/log/temd" | grep -q "$1"; }
posted_is() { [ "$(post "$2")" = "$1" ]; }

run() { # run LOT: a job of 24 labels, five of which are on paper
    LOG=$(wc -l <"$DIR/log/temd")
    JOB=$(job_new 24 p1 "$1")
    wait_for 20 drawn_at_least p1 $((TOTAL + 5))
}
more() { TOTAL=$((TOTAL + 1)); } # a job of one label that was accepted meanwhile
comes_back() { # comes_back WHAT: nobody does anything
    TOTAL=$((TOTAL + 24))
    wait_for 40 job_is "$JOB" closed
    ok $? "$1: the job ends by itself"
    job_is "$JOB" closed || say "$(api GET "/v1/jobs/$JOB" | jq -c '{state, counts, hold}'); $(words)"
    wait_for 10 drawn_at_least p1 $TOTAL
    judge p1 $TOTAL "$1"
    judge_job "$JOB" 24 "$1"
}

begin

# ---- the store's disk is full ------------------------------------------------------------------------
run full
fault "full $DIR/store"
wait_for 10 posted_is 507 never
ok $? "store full: 507"
is "$(jq -r .retry "$DIR/posted")" true "store full: the caller may come again"
wait_for 10 words_are "full"
ok $? "store full: people read why p1 stands still"
tem doctor --config "$DIR/temd.yaml" --json | jq -e '[.checks[] | select(.name == "printer p1" and .verdict == "fail")] | length == 1' >/dev/null
ok $? "store full: tem doctor names it"
mended
comes_back "store full"
[ ! -s "$DIR/log/ends" ]
ok $? "store full: temd goes on all the while"

# ---- it can only be read ---------------------------------------------------------------------------------
run ro
N=$(begins)
fault "read-only $DIR/store"
STATUS=$(post never)
[ "$STATUS" = 000 ] || [ "$STATUS" -ge 500 ]
ok $? "store read-only: nothing is accepted ($STATUS)"
wait_for 10 logged 'temd cannot start'
ok $? "store read-only: the log says why temd cannot start"
mended
wait_for 20 began_again "$N"
comes_back "store read-only"

# ---- fsync fails --------------------------------------------------------------------------------------------
run fsync
N=$(begins)
fault "sync $DIR/store"
STATUS=$(post never)
[ "$STATUS" = 000 ] || [ "$STATUS" -ge 500 ]
ok $? "fsync fails: nothing is accepted ($STATUS)"
wait_for 10 logged 'store is lost'
ok $? "fsync fails: temd ends, for nobody knows what is on disk"
mended
wait_for 20 began_again "$N"
# What was not answered may be there or not: as it is in the store.
JOBS=$(sqlite3 "$DIR/store/tem.db" "SELECT count(*) FROM job WHERE quantity = 1 AND accepted_ms IS NOT NULL")
TOTAL=$((TOTAL + JOBS))
comes_back "fsync fails"

# ---- the clock jumps back a day ---------------------------------------------------------------------------------
run clock
fault "clock -86400"
is "$(post back)" 201 "clock: jobs are accepted"
more
comes_back "clock a day back"
N=$(begins)
kill -9 "$(cat "$DIR/temd.pid")"
wait_for 20 began_again "$N"
ok $? "clock a day back: temd starts"
mended

# ---- the feed folder -------------------------------------------------------------------------------------------
run feed-gone
mv "$DIR/feed" "$DIR/feed.away"
wait_for 10 words_are "feed"
ok $? "feed folder gone: people read it"
is "$(post later)" 201 "feed folder gone: jobs are accepted"
more
mv "$DIR/feed.away" "$DIR/feed"
comes_back "feed folder gone"

run feed-ro
fault "read-only $DIR/feed"
is "$(post later)" 201 "feed folder read-only: jobs are accepted"
more
wait_for 10 words_are "ead-only"
ok $? "feed folder read-only: people read it"
mended
# The journal of the chunk that was under way ends where it could not be written.
finish_job "$JOB" p1 40
at_most "$DOUBT_MOST" 4 "feed folder read-only: labels in doubt, the window"
comes_back "feed folder read-only"

run feed-full
fault "no-blocks $DIR/feed"
wait_for 10 words_are "o space left"
ok $? "feed folder full: people read it"
is "$(labels_in "$JOB" in_doubt)" 0 "feed folder full: the journal under way had its room"
mended
comes_back "feed folder full"

# ---- marks and witness ------------------------------------------------------------------------------------------
run witness
fault "full $DIR/witness" # the mark is 10,000 numbers ahead: what is below it is issued
is "$(post below)" 201 "marks full: numbers below the mark are issued"
more
STATUS=$(api POST /v1/jobs -o "$DIR/posted" -w '%{http_code}' -H 'Content-Type: application/json' -d '{"template":"medicine-pack","printer":"p1","quantity":20000,
    "data":{"product":"x","gtin":"8938505974194","lot":"beyond","expiry":"2028-03-31"}}')
is "$STATUS" 507 "marks full: no number leaves beyond the mark"
wait_for 10 logged 'ledger witness cannot be written'
ok $? "witness full: the log says it"
mended
comes_back "marks and witness full"
wait_for 10 logged 'ledger witness is written again'
ok $? "witness full: it is written again"
api POST /v1/printers/p1/change-roll -H 'Content-Type: application/json' -d '{"person":"operator"}' >>"$DIR/log/tell"
BIG=$(job_new 20000 p1 big)
[ "$BIG" -gt 0 ]
ok $? "marks: numbers beyond the mark leave again"
api POST "/v1/jobs/$BIG/cancel" -H 'Content-Type: application/json' -d '{"person":"operator"}' >>"$DIR/log/tell"
api POST /v1/printers/p1/resume -H 'Content-Type: application/json' -d '{"person":"operator"}' >>"$DIR/log/tell"

# ---- a page of the database is overwritten -------------------------------------------------------------------------
kill -TERM "$TEMD_PID" && wait "$TEMD_PID"
rm -f "$DIR/temd.sock"
[ ! -e "$DIR/store/tem.open" ]
ok $? "a clean stop leaves nothing to be checked"
begin
# Answers kept under their keys: nothing looks at them at a start.
for i in $(seq 8); do
    api POST /v1/jobs -H "Idempotency-Key: $i" -H 'Content-Type: application/json' -d '{"template":"medicine-pack","printer":"p1",
        "quantity":1,"data":{"product":"x","gtin":"8938505974194","lot":"'"$i"'","expiry":"2028-03-31"}}' >>"$DIR/log/tell"
    more
done
wait_for 20 drawn_at_least p1 $TOTAL
kill -9 "$TEMD_PID" "$(cat "$DIR/temd.pid")"
wait "$TEMD_PID" 2>>"$DIR/log/shell"
sqlite3 "$DIR/store/tem.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >>"$DIR/log/tell"
cp "$DIR/store/tem.db" "$DIR/good.db"
PAGE=$(sqlite3 "$DIR/store/tem.db" "SELECT max(pageno) FROM dbstat WHERE name = 'idempotency' AND pagetype = 'leaf'")
head -c 4096 /dev/urandom | dd of="$DIR/store/tem.db" bs=4096 seek=$((PAGE - 1)) conv=notrunc status=none
LOG=$(wc -l <"$DIR/log/temd")
rm -f "$DIR/temd.sock"
supervised 2>>"$DIR/log/shell" &
TEMD_PID=$!
health_is() { [ "$(api GET /healthz | jq -r "$1")" = "$2" ]; }
wait_for 10 health_is '.store.state' damaged
ok $? "damaged: /healthz says so"
is "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$DIR/temd.sock" http://localhost/healthz)" 503 "damaged: with 503"
is "$(post never)" 503 "damaged: no number is issued"
is "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$DIR/temd.sock" -X POST http://localhost/v1/jobs/1/reprint \
    -H 'Content-Type: application/json' -d '{"labels":[1],"reason":"damaged","person":"operator"}')" 503 "damaged: nothing is printed anew"
logged 'the store is damaged'
ok $? "damaged: the log says it"
wait_for 10 words_are damaged
ok $? "damaged: people read it at the printer"
tem doctor --config "$DIR/temd.yaml" --json | jq -e '[.checks[] | select(.name == "store" and .verdict == "fail")] | length == 1' >/dev/null
ok $? "damaged: tem doctor names the store and what to do"
kill -TERM "$TEMD_PID" && wait "$TEMD_PID" 2>>"$DIR/log/shell"
grep -q '^damaged: ' "$DIR/store/tem.open"
ok $? "damaged: it is known over a stop"
tem doctor --config "$DIR/temd.yaml" --json | jq -e '[.checks[] | select(.name == "store-file" and .verdict == "fail")] | length == 1' >/dev/null
ok $? "damaged: tem doctor says it without a temd"
# A page without which temd cannot even start.
cp "$DIR/store/tem.db" "$DIR/bad.db"
PAGE=$(sqlite3 "$DIR/good.db" "SELECT rootpage FROM sqlite_schema WHERE name = 'scope'")
head -c 4096 /dev/urandom | dd of="$DIR/store/tem.db" bs=4096 seek=$((PAGE - 1)) conv=notrunc status=none
rm -f "$DIR/store/tem.open" "$DIR/temd.sock"
"$TEM_TEMD" --config "$DIR/temd.yaml" 2>"$DIR/log/no-start"
is "$?" 3 "damaged where a start reads: temd does not start"
grep -q 'temd cannot start.*malformed' "$DIR/log/no-start"
ok $? "damaged where a start reads: and says why"
grep -q '^damaged: ' "$DIR/store/tem.open"
ok $? "damaged where a start reads: it is kept for tem doctor"
cp "$DIR/good.db" "$DIR/store/tem.db" # as a good copy of the newest state would be
rm -f "$DIR/store/tem.db-wal" "$DIR/store/tem.db-shm" "$DIR/temd.sock"
begin
JOB=$(job_new 24 p1 whole)
comes_back "whole again"

tem ledger verify >"$DIR/log/verify" 2>&1
ok $? "the ledger is as it was signed"
tem doctor --config "$DIR/temd.yaml" --json >"$DIR/doctor.json"
is "$(jq -r '[.checks[] | select(.name == "label-sums" or .name == "ledger" or .name == "store") | .verdict] | unique | join(" ")' "$DIR/doctor.json")" \
    ok "each label has one state, no event is missing, the store is whole"
