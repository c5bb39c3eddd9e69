#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A ledger that cannot be edited: the real daemon signs it; a label's proof is checked with openssl and with
# Node, without our code; then the database is changed behind temd's back in every way one would try.
. "$(dirname "$0")/lib.sh"
flow_needs sqlite3 node openssl basenc
flow_begin
cups_start && printer_start p1 --speed-mm-s 600 || exit 1
queue_add p1 p1
temd_config p1:zpl-203
echo "  - {name: box, format: sequential, length: 6, prefix: B}" >>"$DIR/temd.yaml"
cat >"$DIR/templates/two.yaml" <<EOF
tem: 1
name: two
size: 50 x 30 mm
pieces: 2
fonts: [Roboto]
fields:
  gtin: {type: gtin, required: true}
  serial: {series: pack, scope: "{gtin}"}
  box: {series: box}
elements:
  - {text: "{serial} {box} {piece.index}", at: [2, 2], font: Regular 8}
EOF
temd_start || exit 1
cd "$DIR" || exit 1
SCOPE=08938505974194

run() { # run COMMAND...: its words in SAID, its status in STATUS
    SAID=$("$@" 2>&1)
    STATUS=$?
}

says() { # says STATUS TEXT NAME: what the last run gave
    [ "$STATUS" = "$1" ] && [[ $SAID == *"$2"* ]]
    ok $? "$3"
    [ "$STATUS" = "$1" ] && [[ $SAID == *"$2"* ]] || say "status $STATUS: $SAID"
}

label_proof() { # label_proof NUMBER: NUMBER.label.json
    run tem ledger proof "$1" --series pack --scope $SCOPE --key ledger.vkey
}

# ---- the good ledger -------------------------------------------------------------------------------

A=$(job_new 5 p1 A)
finish_job "$A" p1
tem ledger key >ledger.vkey
tem ledger checkpoint --key ledger.vkey >old.checkpoint
is "$?" 0 "a checkpoint is signed by the key that temd names"
OLD_SIZE=$(sed -n 2p old.checkpoint)
grep -qF "$(cat ledger.vkey)" log/temd
ok $? "temd's log has the verifier key at its start"
cp -r store older.store # what a backup would be
temd_kill TERM
rm -rf older.store && cp -r store older.store
temd_start || exit 1
B=$(job_new 40 p1 B)
finish_job "$B" p1
run tem ledger verify --key ledger.vkey
says 0 "are as they were signed" "the whole ledger is verified"
run tem ledger verify --key ledger.vkey --since old.checkpoint
says 0 "nothing before event $((OLD_SIZE + 1)) has changed" "verified since an older checkpoint"
run tem ledger verify --key ledger.vkey --witness "$(echo keys/*.witness)"
says 0 "are as they were signed" "verified against the witness"
run tem ledger verify --json
is "$(jq -r '"\(.ok) \(.fault) \(.key_given)"' <<<"$SAID")" "true null false" "verify --json"

# The events come byte for byte as they are stored.
api GET /v1/ledger/events >events
sqlite3 store/tem.db 'SELECT CAST (body AS TEXT) FROM event ORDER BY seq' >stored
cmp -s events <(head -n "$(wc -l <events)" stored)
ok $? "events are told as they are stored"

# An export, broken off and gone on with.
run tem ledger export -o all.ndjson --key ledger.vkey
says 0 "all.ndjson.checkpoint" "an export"
head -c -30 all.ndjson >part.ndjson # a run that was killed inside a line
N=$(wc -l <part.ndjson)
run tem ledger export -o part.ndjson --key ledger.vkey
says 1 "--from $((N + 1))" "an export that would write twice is refused, and says how to go on"
run tem ledger export -o part.ndjson --from $((N + 1)) --key ledger.vkey
cmp -s part.ndjson all.ndjson
ok $? "an export that is gone on with is the same"
temd_kill TERM
run tem ledger verify all.ndjson --key ledger.vkey
says 0 "are as they were signed" "an export is verified without temd"
run tem ledger verify all.ndjson
says 2 "--key" "a file does not vouch for itself"
sed '7s/"seq":7,/"seq":7, /' all.ndjson >bad.ndjson
cp all.ndjson.checkpoint bad.ndjson.checkpoint
run tem ledger verify bad.ndjson --key ledger.vkey
says 1 "are not those that were signed" "a blank more in an export is found"
temd_start || exit 1

# ---- a label's proof, with other people's tools ----------------------------------------------------

for LABEL in 1 40; do
    # An early label and the last one of a long chunk list.
    NUMBER=$(scan_pictures $(roll_end p1 45) | cut -f2- | sed -n 's/.*\x1d21\([0-9A-Z]*\).*/\1/p; s/.*21\([0-9A-Z]\{10\}\)$/\1/p' | sort -u |
        while read -r n; do
            api GET /v1/labels -G --data-urlencode series=pack --data-urlencode scope=$SCOPE --data-urlencode "number=$n" |
                jq -r "select(.job == $B and .label == $LABEL) | .number"
        done | head -n1)
    label_proof "$NUMBER"
    says 0 "$NUMBER.label.json" "label $LABEL: its proof"
    run tem ledger proof --verify "$NUMBER.label.json" --key ledger.vkey
    says 0 "number $NUMBER of series pack, scope $SCOPE was issued" "label $LABEL: tem checks it"
    run "$SRC/docs/check-label-proof.sh" "$NUMBER.label.json" ledger.vkey
    says 0 "PROVED: number $NUMBER" "label $LABEL: coreutils and openssl check it"
    run node "$SRC/tests/flow/ledger-check.mjs" "$NUMBER.label.json" "$(cat ledger.vkey)"
    says 0 "proved $NUMBER" "label $LABEL: Node checks it"
done
# Two numbers on a label, two pieces of each: both are leaves of one sending event.
D=$(api POST /v1/jobs -H 'Content-Type: application/json' -d '{"template":"two","printer":"p1","quantity":7,"data":{"gtin":"8938505974194"}}' | jq -r .id)
finish_job "$D" p1
BOX=$(api GET "/v1/jobs/$D" | jq -r '.ranges[] | select(.series == "box") | .last_number')
run tem ledger proof "$BOX" --series box --key ledger.vkey
says 0 "$BOX.label.json" "a second number: its proof"
run "$SRC/docs/check-label-proof.sh" "$BOX.label.json" ledger.vkey
says 0 "PROVED: number $BOX" "a second number: coreutils and openssl check it"
# Label 7's second number is leaf 13 of 14: in a tree of 8 + 4 + 2 leaves it is the last, so all that it meets is on its left.
is "$(jq -c '[.path[] | keys[0]]' "$BOX.label.json")" '["left","left","left"]' "a second number: by label, then by field"
cmp -s "$NUMBER.tlog-proof" <(jq -j .tlog_proof "$NUMBER.label.json")
ok $? "the tlog-proof stands in a file of its own as well"
api GET "/v1/ledger/proof?series=pack&scope=$SCOPE&number=$NUMBER" -H 'Accept: text/plain' | head -n1 | grep -qx 'c2sp.org/tlog-proof@v1'
ok $? "over HTTP as text/plain"

refuted() { # refuted NAME JQ [VKEY-FILE]: nobody takes the changed proof
    jq -c "$2" "$NUMBER.label.json" >bad.json
    run tem ledger proof --verify bad.json --key "${3:-ledger.vkey}"
    says 1 "" "$1: tem refuses"
    run "$SRC/docs/check-label-proof.sh" bad.json "${3:-ledger.vkey}"
    says 1 "NOT PROVED" "$1: openssl and coreutils refuse"
    run node "$SRC/tests/flow/ledger-check.mjs" bad.json "$(cat "${3:-ledger.vkey}")"
    says 1 "not proved" "$1: Node refuses"
}
refuted "another number" '.number |= sub(".$"; "#")'
refuted "another scope" '.scope = "08938505974195"'
refuted "another root in the event" '.event |= sub("\"root\":\"."; "\"root\":\"x")'
refuted "another time in the event" '.event |= sub("\"at\":\"2"; "\"at\":\"3")'
refuted "a ledger that is longer" '.tlog_proof |= sub("(?<a>tem/[0-9a-f]+\n)"; "\(.a)1")'
# What no hash covers is refused as well: nothing in the file is to be believed that is not proved.
refuted "a member more" '.label = {"job": 1, "label": 1, "state": "printed"}'
refuted "another format" '.format = "tem-label-proof/3"'
refuted "a side exchanged" '.path[0] |= with_entries(.key = if .key == "left" then "right" else "left" end)'
refuted "a member more in the path" '.path[0].index = 5'
refuted "the path's last hash twice" '.path += [.path[-1]]'
refuted "a number with a line's end" '.number += "\n"'
refuted "blinding in capitals" '.blinding |= ascii_upcase'
refuted "a line of extra" '.tlog_proof |= sub("\nindex"; "\nextra AAAA\nindex")'
refuted "a signature of somebody else" '.tlog_proof += "— witness.example/a AAAAAAAA\n"'
refuted "the signature twice" '.tlog_proof |= sub("(?<s>— .*\n)"; "\(.s)\(.s)")'
refuted "an index with a zero" '.tlog_proof |= sub("\nindex "; "\nindex 0")'
sed 's/"number":/"number":"7","number":/' "$NUMBER.label.json" >twice.json
run tem ledger proof --verify twice.json --key ledger.vkey
says 1 "" "a member twice: tem refuses"
run "$SRC/docs/check-label-proof.sh" twice.json ledger.vkey
says 1 "NOT PROVED" "a member twice: openssl and coreutils refuse"
run node "$SRC/tests/flow/ledger-check.mjs" twice.json "$(cat ledger.vkey)"
says 1 "not proved" "a member twice: Node refuses"
jq . "$NUMBER.label.json" >pretty.json
run tem ledger proof --verify pretty.json --key ledger.vkey
says 0 "number $NUMBER of series pack" "blanks do not matter"
run "$SRC/docs/check-label-proof.sh" pretty.json ledger.vkey
says 0 "PROVED: number $NUMBER" "blanks do not matter to jq either"
openssl genpkey -algorithm ed25519 -outform DER 2>/dev/null | openssl pkey -inform DER -pubout -outform DER 2>/dev/null | tail -c 32 >other.raw
NAME=$(cut -d+ -f1 ledger.vkey)
ID=$({ printf '%s\n\001' "$NAME"; cat other.raw; } | sha256sum | cut -c1-8)
echo "$NAME+$ID+$({ printf '\001'; cat other.raw; } | base64 -w0)" >other.vkey
refuted "another key" . other.vkey

run tem ledger proof XXXXXXXXXX --series pack --scope $SCOPE
says 1 "never issued" "no proof for a number that was never issued"
printer_tell p1 media-out >>log/tell
C=$(job_new 3 p1 C)
tem hold "$C" >/dev/null
is "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket temd.sock 'http://localhost/v1/ledger/consistency')" 400 "no sizes: 400"
is "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket temd.sock 'http://localhost/v1/ledger/consistency?from=9999999')" 400 "a size that is not reached: 400"
is "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket temd.sock 'http://localhost/v1/ledger/events?from=x')" 400 "a number that is none: 400"
is "$(api GET '/v1/ledger/events?from=9999999')" "" "past the end there is nothing"
is "$(api GET '/v1/ledger/events?from=3&limit=2' | jq -s -c '[.[].seq]')" "[3,4]" "a range of events"
temd_kill TERM
say "the good ledger has $(sqlite3 store/tem.db 'SELECT max(seq) FROM event') events"

# Killed between a checkpoint's commit and its witness: the witness is behind, which is no contradiction.
TEM_FAULT=ledger.witness.before "$TEM_TEMD" --config temd.yaml 2>>log/temd
is "$?" 137 "killed between checkpoint and witness"
[ "$(sqlite3 store/tem.db 'SELECT max(size) FROM checkpoint')" -gt "$(tail -n1 keys/*.witness | jq .size)" ]
ok $? "the witness is one checkpoint behind"
temd_start
is "$?" 0 "temd starts and finds nothing wrong"
temd_kill TERM

# ---- behind temd's back ----------------------------------------------------------------------------

cp -r store good.store
cp -r keys good.keys
LAST=$(sqlite3 store/tem.db 'SELECT max(seq) FROM event')
EDIT=$(sqlite3 store/tem.db "SELECT min(seq) FROM event WHERE CAST (body AS TEXT) LIKE '%job.accepted%\"quantity\":5,%'")
DROP='DROP TRIGGER event_stays; DROP TRIGGER event_same; DROP TRIGGER checkpoint_stays; DROP TRIGGER checkpoint_same;'

tampered() { # tampered SQL [STORE]: temd on a copy that was changed
    rm -rf store keys
    cp -r "${2:-good.store}" store
    cp -r good.keys keys
    [ -z "$1" ] || sqlite3 store/tem.db "PRAGMA foreign_keys=OFF; $DROP $1" || ok 1 "sqlite3"
    "$TEM_TEMD" --config temd.yaml 2>>log/temd &
    TEMD_PID=$!
    wait_for 10 test -S temd.sock
    wait_for 10 curl -s -o health.json --max-time 2 --unix-socket temd.sock http://localhost/healthz
}

found() { # found NAME STATE TEXT [verify's arguments]: STATE is /healthz's; TEXT is in verify's words
    local name=$1 state=$2 text=$3
    shift 3
    is "$(jq -r '.witness.state // .status' health.json)" "$state" "$name: /healthz"
    run tem ledger verify --key ledger.vkey "$@"
    says 1 "$text" "$name: named"
    if [ "$state" != ok ]; then
        is "$(jq -r .status health.json)" person "$name: a person is asked"
        is "$(curl -s -o refusal.json -w '%{http_code}' --unix-socket temd.sock -X POST http://localhost/v1/jobs -H 'Content-Type: application/json' \
            -d "{\"template\":\"medicine-pack\",\"printer\":\"p1\",\"quantity\":1,\"data\":{\"product\":\"x\",\"gtin\":\"8938505974194\",\"lot\":\"L\",\"expiry\":\"2028-03-31\"}}")" \
            503 "$name: no number is issued"
        is "$(curl -s -o refusal.json -w '%{http_code}' --unix-socket temd.sock -X POST http://localhost/v1/jobs/1/reprint -H 'Content-Type: application/json' \
            -d '{"labels":[1],"reason":"damaged","person":"x","new_numbers":true}')" 503 "$name: nor by an order to print anew"
        grep -q 'does not fit its witness' log/temd
        ok $? "$name: said in the log"
    fi
    temd_kill TERM
    rm -f temd.sock
}

tampered "UPDATE event SET body = CAST (replace (CAST (body AS TEXT), '\"quantity\":5,', '\"quantity\":6,') AS BLOB) WHERE seq = $EDIT"
found "an edited event" ok "event $EDIT was changed"
tampered "UPDATE event SET body = CAST (replace (CAST (body AS TEXT), 'tem.started', 'tem.stopped') AS BLOB) WHERE seq = $LAST OR seq = 1"
found "the first event edited" ok "event 1 was changed"

# Who edits event and leaf hash alike changes the root: the checkpoints say between which.
sqlite3 good.store/tem.db "SELECT CAST (body AS TEXT) FROM event WHERE seq = $EDIT" | tr -d '\n' | sed 's/"quantity":5,/"quantity":6,/' >forged
LEAF=$({ printf '\000'; cat forged; } | sha256sum | cut -c1-64)
tampered "UPDATE event SET body = CAST (readfile ('forged') AS BLOB), leaf = x'$LEAF' WHERE seq = $EDIT"
found "an event edited with its hash" differs "are not those that were signed"
tampered "UPDATE event SET body = CAST (readfile ('forged') AS BLOB), leaf = x'$LEAF' WHERE seq = $EDIT"
found "the same, seen from an older checkpoint" differs "events 1 to $OLD_SIZE are not those of the older checkpoint" --since old.checkpoint

tampered "DELETE FROM event WHERE seq = 6"
found "a deleted event" differs "event 6 is missing"
tampered "DELETE FROM event WHERE seq BETWEEN 5 AND 7"
found "three deleted events" differs "events 5 to 7 are missing"
tampered "DELETE FROM event WHERE seq = 6; UPDATE event SET seq = seq - 1 WHERE seq > 6"
found "a deleted event and the gap closed" differs "event 6 is missing"
tampered "UPDATE event SET body = (SELECT b.body FROM event AS b WHERE b.seq = 13 - event.seq) WHERE seq IN (6, 7)"
found "two bodies exchanged" ok "in the place of event 6 stands event 7"
tampered "UPDATE event SET seq = -6 WHERE seq = 6; UPDATE event SET seq = 6 WHERE seq = 8; UPDATE event SET seq = 8 WHERE seq = -6"
found "two rows exchanged" differs "in the place of event 6 stands event 8"
# An older copy, however it came to be: a new epoch begins, numbers that may be out are skipped.
renewed() { # renewed NAME
    is "$(jq -r .status health.json)" ok "$1: temd goes on"
    [ "$(sqlite3 store/tem.db "SELECT value FROM meta WHERE key = 'epoch'")" -gt 1 ]
    ok $? "$1: in a new epoch"
    is "$(find keys -name '*.witness.epoch-*' | wc -l)" 1 "$1: the old witness is kept"
    grep -q 'the store is an older copy: a new epoch begins' log/temd
    ok $? "$1: said in the log"
    NEXT=$(api GET /v1/series | jq '[.series[] | select(.name == "pack") | .scopes[].issued] | max')
    [ "$NEXT" -ge 10000 ]
    ok $? "$1: numbers that may be out are skipped"
    temd_kill TERM
    rm -f temd.sock
    : >log/temd
}
: >log/temd
tampered "DELETE FROM event WHERE seq > $((LAST - 3))"
renewed "the newest events cut off"
tampered "DELETE FROM event WHERE seq > $((LAST - 3)); DELETE FROM checkpoint WHERE size > $((LAST - 3))"
renewed "the newest events cut off with their checkpoints"
tampered "UPDATE checkpoint SET note = CAST (replace (CAST (note AS TEXT), char (10) || size || char (10), char (10) || (size + 1) || char (10)) AS BLOB) WHERE size = (SELECT min(size) FROM checkpoint)"
found "a changed checkpoint" ok "does not fit the text"

tampered "" older.store
grep -q "They agree up to event" log/temd
ok $? "an older copy: up to where both agree"
renewed "an older copy of the store"

# A new store in the place of a lost one, with its keys. (A random series' key knows its store itself; a
# sequential one has none.)
mkdir lost.store
mkdir series.keys && mv good.keys/series-*.key series.keys/
tampered "" lost.store
is "$(jq -r '"\(.status) \(.witness.state)"' health.json)" "person other" "a new store with the ledger's old key"
temd_kill TERM
rm -f temd.sock
mv series.keys/* good.keys/

# An older copy that went on without its witness, which then comes back.
rm -rf store keys
cp -r older.store store
cp -r good.keys keys
mv keys/*.witness away
temd_start || exit 1
J=$(job_new 200 p1 X)
tem hold "$J" >/dev/null
for i in $(seq 40); do tem release "$J" >/dev/null; tem hold "$J" >/dev/null; done
temd_kill TERM
cp -r store forked.store
tampered "" forked.store
found "an older copy that went on" differs "the store is not the one that was signed"
