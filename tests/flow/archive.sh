#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Old jobs go into an archive while others print: the file is checked by us and by Node alone, changed in the
# ways one would try, the archiving is killed, and no number comes back.
. "$(dirname "$0")/lib.sh"
flow_needs sqlite3 node ZXingReader
flow_begin
cups_start && printer_start p1 --speed-mm-s 600 --labels-loaded 1000 || exit 1
queue_add p1 p1
temd_config p1:zpl-203
cat >>"$DIR/temd.yaml" <<EOF
retention: {after_release: 0 days, after_expiry: 0 days}
EOF
temd_start || exit 1
cd "$DIR" || exit 1

run() { # run COMMAND...: its words in SAID, its status in STATUS
    SAID=$("$@" 2>&1)
    STATUS=$?
}
says() { # says STATUS TEXT NAME: what the last run gave
    [ "$STATUS" = "$1" ] && [[ $SAID == *"$2"* ]]
    ok $? "$3"
    [ "$STATUS" = "$1" ] && [[ $SAID == *"$2"* ]] || say "status $STATUS: $SAID"
}
old_job() { # old_job QUANTITY LOT [EXPIRY]: of a batch that has expired
    api POST /v1/jobs -H 'Content-Type: application/json' -d "{\"template\":\"medicine-pack\",
        \"printer\":\"p1\",\"quantity\":$1,\"data\":{\"product\":\"Viên nén\",\"gtin\":\"8938505974194\",
        \"lot\":\"$2\",\"expiry\":\"${3:-2020-03-31}\"}}" | jq -r .id
}
sql() { sqlite3 "$DIR/store/tem.db" "$1"; }
of_jobs() { sql "SELECT count(*) FROM $1 WHERE job_id IN ($A, $B)"; }

# ---- three jobs that ended, one that did not, one that is in doubt -----------------------------------

run tem archive --dry-run
says 0 "0 jobs" "an empty store has nothing to archive"
A=$(old_job 30 A)
finish_job "$A" p1
tem printer change-roll p1 >/dev/null # so that none of the next is sent
B=$(old_job 4 B)
api POST "/v1/jobs/$B/cancel" -H 'Content-Type: application/json' -d '{"person":"x"}' >/dev/null
tem printer resume p1 >/dev/null
is "$(job_state "$B") $(labels_in "$B" unused)" "cancelled 4" "a job that was cancelled before any label"
FRESH=$(old_job 3 F 2099-03-31)
finish_job "$FRESH" p1
SERIAL=$(api GET "/v1/jobs/$A" | jq -r '.ranges[0].first_number')
GTIN=08938505974194
api GET "/v1/ledger/events" >before.ndjson
tem ledger key >ledger.vkey
tem ledger checkpoint --key ledger.vkey >before.checkpoint

D=$(old_job 5 D)
finish_job "$D" p1
temd_kill TERM # a doubt that is still open, as a crash leaves it
sql "UPDATE span SET state = 'in_doubt' WHERE job_id = $D AND newest = 1"
temd_start || exit 1

run tem archive --dry-run
says 0 "2 jobs with 34 labels would be archived" "due: the two old ones"
[[ $SAID == *"1 old enough wait for the expiry"* && $SAID == *"1 old enough have a label"* ]]
ok $? "one is not expired, one is in doubt"

copy() { TEM_TEMD=$TEM_TEMD tem backup "$1" --config "$DIR/temd.yaml" >/dev/null; }
put_back() { # put_back COPY
    temd_kill TERM
    TEM_TEMD=$TEM_TEMD tem restore "$1" --config "$DIR/temd.yaml" --yes >/dev/null
    local code=$?
    temd_start || exit 1
    return $code
}
copy "$DIR/before.db"

# ---- archived while another prints --------------------------------------------------------------------

NEW=$(job_new 40 p1 NEW)
run tem archive one.tem-archive --yes
says 0 "2 jobs, 34 labels" "archived"
finish_job "$NEW" p1
judge_job "$NEW" 40 "printed meanwhile"
FILE=$DIR/archive/one.tem-archive
[ -f "$FILE" ] && [ ! -e "$FILE.part" ]
ok $? "the file is there"
is "$(of_jobs page) $(of_jobs chunk)" "0 0" "data and chunks have left the store"
is "$(sql "SELECT count(*) FROM event WHERE archive_id = 1 AND length(body) = 0")" \
    "$(sqlite3 "$FILE" "SELECT count(*) FROM event")" "and the texts of as many events as the file has"
EVENT=$(api GET /v1/ledger/events | jq -c 'select(.type == "jobs.archived")')
is "$(jq -r '"\(.file) \(.jobs) \(.labels) \(.sha256)"' <<<"$EVENT")" \
    "one.tem-archive 2 34 $(sha256sum "$FILE" | cut -d' ' -f1)" "the ledger has it on record"
[[ $(jq -r .by <<<"$EVENT") == *"$(id -un)"* ]]
ok $? "and who ordered it"

# ---- what is still known ---------------------------------------------------------------------------------

run tem label "$SERIAL" --series pack --scope $GTIN
says 0 "Archived, job $A, in one.tem-archive (SHA-256 " "a label of it is found"
is "$(api GET "/v1/labels?series=pack&scope=$GTIN&number=$SERIAL" | jq -r '"\(.state) \(.archived.file)"')" \
    "printed one.tem-archive" "with its state"
run tem job "$A"
says 0 "in one.tem-archive: tem archive show" "and the job"
run tem reprint "$SERIAL" --series pack --scope $GTIN --reason damaged --yes
says 4 "is archived in one.tem-archive" "it is not reprinted"
run tem verify "(01)$GTIN(21)$SERIAL"
says 4 "is archived in one.tem-archive" "nor verified"
run tem report "$A"
says 4 "is archived in one.tem-archive" "its report is in the file"
run tem ledger proof "$SERIAL" --series pack --scope $GTIN --key ledger.vkey
says 4 "is archived in one.tem-archive" "its proof, too"
is "$(api GET "/v1/series/pack/report" | jq -r '"\(.sums.adds_up) \(.sums.issued) \(.sums.unexplained)"')" \
    "true 82 0" "the series adds up: 30 + 4 + 3 + 5 + 40"
run api GET "/v1/series/pack/report" -H 'Accept: text/csv'
[[ $SAID == *"archived in one.tem-archive, SHA-256 "* ]]
ok $? "and says where the numbers went"
run tem doctor --json
is "$(jq -r '.checks[] | select(.name == "label-sums" or .name == "ledger" or .name == "archives") | .verdict' <<<"$SAID" |
    sort | uniq -c | tr -s ' ')" " 3 ok" "the doctor finds sums, ledger and archives well"

# ---- the file, alone --------------------------------------------------------------------------------------

run tem archive verify "$FILE" --key ledger.vkey
says 0 "2 jobs, 34 labels" "checked with the key alone"
run tem archive verify "$FILE"
says 2 "--key" "not without a key"
run node "$SRC/tests/flow/archive-check.mjs" "$FILE" ledger.vkey
says 0 "as it was signed" "checked by Node and sqlite3 alone"
run tem archive show "$FILE" --label "$SERIAL" --json
is "$(jq -r '.labels[0] | "\(.job) \(.label) \(.fields.lot) \(.attempts[0].state)"' <<<"$SAID")" "$A 1 A printed" \
    "a label is answered from it"
run tem archive show "$FILE" --label "$SERIAL"
says 0 "$SERIAL: printed" "and so that a person reads it"
[[ $SAID == *"label 1 of job $A"*"scope $GTIN"*"lot=A"*"job.accepted"* ]]
ok $? "with what is on it and what happened"
run tem archive show "$FILE" --job "$A"
[[ $SAID == "job $A: closed, 30 labels of medicine-pack"*"printed 30"*"$SERIAL to "*"expiry=2020-03-31"* ]]
ok $? "a job"
run tem archive show "$FILE"
[[ $SAID == "archive 1 of tem/"*"job $A "*"job $B "* ]]
ok $? "and the file"
run tem archive show "$FILE" --job "$B" --json
is "$(jq -r '"\(.job.state) \(.counts.unused)"' <<<"$SAID")" "cancelled 4" "a job is answered from it"
is "$(tem archive show "$FILE" --job "$A" --json | jq -cS '.events[0]')" \
    "$(jq -cS "select(.type == \"job.accepted\" and .job == $A)" before.ndjson)" "its events are those of before"

damage() { # damage SQL WHAT-OURS-SAYS NAME: by us and by Node
    cp "$FILE" bad.tem-archive
    sqlite3 bad.tem-archive "$1"
    run tem archive verify bad.tem-archive --key ledger.vkey
    says 1 "$2" "$3"
    run node "$SRC/tests/flow/archive-check.mjs" bad.tem-archive ledger.vkey
    says 1 "not as it was signed" "$3: Node says so, too"
}
SEQ=$(sqlite3 "$FILE" "SELECT seq FROM event WHERE job = $A ORDER BY seq LIMIT 1 OFFSET 1")
damage "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'p1', 'p2') AS BLOB) WHERE seq = $SEQ" \
    "event $SEQ was changed" "an edited event"
damage "DELETE FROM event WHERE seq = $SEQ" "event $SEQ is missing" "a deleted event"
damage "UPDATE event SET body = (SELECT body FROM event WHERE seq > $SEQ ORDER BY seq LIMIT 1) WHERE seq = $SEQ" \
    "in the place of event $SEQ stands event" "an event in another's place"
damage "UPDATE data SET fields = replace(fields, '2020-03-31', '2030-03-31') WHERE job = $A" \
    "job $A: a row of table data was changed" "an edited expiry date"
damage "DELETE FROM span WHERE job = $B" "job $B: table span has 0 rows" "deleted states"
damage "UPDATE number SET number = 'AAAAAAAAAA' WHERE job = $A AND label = 7" \
    "job $A: a row of table number was changed" "an edited number"

# ---- the ledger with bodies elsewhere ------------------------------------------------------------------------

run tem ledger verify --key ledger.vkey --archive "$FILE"
says 0 "are here by their hashes only; their text is in one.tem-archive" "the ledger is whole"
run tem ledger verify --key ledger.vkey --since before.checkpoint
says 0 "nothing before event" "and is that of before"
run tem ledger verify --key ledger.vkey --archive bad.tem-archive
says 1 "is no archive that this ledger has on record" "a changed file is none of its archives"
run tem ledger export -o export.ndjson
run tem ledger verify export.ndjson --key ledger.vkey
says 0 "are here by their hashes only" "an export says the same"

# ---- killed ----------------------------------------------------------------------------------------------------

kill_at() { # kill_at FAULT: a job that is due, and an archiving that dies there
    local job
    job=$(old_job 3 K)
    finish_job "$job" p1
    temd_kill TERM
    temd_start TEM_FAULT="$1" || exit 1
    tem archive "$1.tem-archive" --yes >/dev/null 2>&1 &
    local pid=$!
    wait "$TEMD_PID" 2>/dev/null
    kill "$pid" 2>/dev/null # it would ask again for a while
    wait "$pid" 2>/dev/null
    temd_start || exit 1
    LAST=$job
}
for fault in archive.checked archive.record.after archive.remove.rows; do
    kill_at "$fault"
    run tem archive finish
    says 0 "" "$fault: finished"
    [ -f "$DIR/archive/$fault.tem-archive" ] || { run tem archive "$fault.tem-archive" --yes; say "again: $SAID"; }
    run tem archive verify "$DIR/archive/$fault.tem-archive" --key ledger.vkey
    says 0 "1 jobs, 3 labels" "$fault: killed, started again: the file is whole"
    is "$(sql "SELECT count(*) FROM page WHERE job_id = $LAST") $(job_state "$LAST")" "0 closed" \
        "$fault: its rows have left, the job is known"
done
run tem ledger verify --key ledger.vkey
says 0 "are as they were signed" "the ledger is whole after it"
is "$(sql "SELECT count(*) FROM archive WHERE state <> 'done'")" 0 "no archive is left half done"

# ---- backup and restore -----------------------------------------------------------------------------------------

copy "$DIR/copy.db" && put_back "$DIR/copy.db"
ok $? "a copy of a store with archives is put back"
run tem label "$SERIAL" --series pack --scope $GTIN
says 0 "Archived, job $A" "it still knows where the label went"
run tem ledger verify --key ledger.vkey --archive "$FILE"
says 0 "are as they were signed" "its ledger is whole"

# ---- promise 1 ------------------------------------------------------------------------------------------------------

LAST=$(job_new 60 p1 LAST)
finish_job "$LAST" p1
# shellcheck disable=SC2046
scan_pictures $(roll_end p1 1000) | cut -f2- | sort | uniq -d >twice
is "$(wc -l <twice)" 0 "no number on two labels"
is "$(drawn p1)" $((30 + 3 + 5 + 40 + 9 + 60)) "and all are on paper"

# ---- a copy from before the archiving ----------------------------------------------------------------------------------

put_back "$DIR/before.db"
ok $? "a copy from before the archiving is put back"
is "$(api GET "/v1/labels?series=pack&scope=$GTIN&number=$SERIAL" | jq -r '"\(.state) \(.archived)"')" \
    "printed null" "its jobs are in the store again"
run tem archive verify "$FILE" --key ledger.vkey
says 0 "2 jobs, 34 labels" "the file is as good as before"
run tem ledger verify --key ledger.vkey --archive "$FILE"
says 1 "is no archive that this ledger has on record" "but not on record there"
run tem archive one.tem-archive --yes
says 4 "is there already" "and is not overwritten"
run tem archive again.tem-archive --yes
says 0 "2 jobs, 34 labels" "they are archived again, under another name"
run tem ledger verify --key ledger.vkey --archive "$DIR/archive/again.tem-archive"
says 0 "are as they were signed" "the ledger is whole"
N=$(job_new 5 p1 N)
finish_job "$N" p1
# shellcheck disable=SC2046
scan_pictures $(roll_end p1 1000) | cut -f2- | sort | uniq -d >twice
is "$(wc -l <twice)" 0 "still no number on two labels"
