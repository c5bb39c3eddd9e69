#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The dots of a reprint are those of the first print, or a person accepts that they are not: fonts that
# change under a store, before an order, between order and sending, and between sending and a restart.
. "${srcdir:-.}/tests/flow/lib.sh"
flow_needs node sqlite3 script ZXingReader
ROBOTO=/usr/share/fonts/truetype/roboto/unhinted
NOTO=/usr/share/fonts/truetype/noto
[ -f $ROBOTO/RobotoCondensed-Bold.ttf ] || flow_skip "Roboto is not installed"
flow_begin
cups_start && printer_start p1 --speed-mm-s 300 --labels-loaded 1000 || exit 1
queue_add p1 p1
temd_config p1:zpl-203 p3:zpl-300
mkdir "$DIR/fonts"
cp $ROBOTO/RobotoCondensed-*.ttf $ROBOTO/RobotoTTF/Roboto-Regular.ttf $ROBOTO/RobotoTTF/Roboto-Bold.ttf "$DIR/fonts"
cp $NOTO/NotoSans-Regular.ttf $NOTO/NotoSans-Bold.ttf "$DIR/fonts"
echo "fonts: [$DIR/fonts]" >>"$DIR/temd.yaml"
temd_start || exit 1

# Another version of a font: its em has fewer units, so that its letters are larger.
change_font() { # change_font UNITS
    node -e 'const fs = require("fs"), font = fs.readFileSync(process.argv[1]);
        for (let i = 0; i < font.readUInt16BE(4); i++) {
            const row = 12 + 16 * i;
            if (font.toString("latin1", row, row + 4) === "head")
                font.writeUInt16BE(Number(process.argv[2]), font.readUInt32BE(row + 8) + 18);
        }
        fs.writeFileSync(process.argv[3] + ".new", font);
        fs.renameSync(process.argv[3] + ".new", process.argv[3]);' \
        $ROBOTO/RobotoCondensed-Bold.ttf "$1" "$DIR/fonts/RobotoCondensed-Bold.ttf"
}
temd_again() {
    temd_kill TERM
    temd_start || exit 1
}
fnv_of() { jq -r 'select(.kind == "label") | .fnv' "$DIR/out-$1/labels.jsonl" | sed -n "$2p"; }
events() { sqlite3 "$DIR/store/tem.db" 'SELECT body FROM event ORDER BY seq' | jq -c "$1"; }
last_sending() { events 'select(.type == "chunk.sending")' | tail -n 1; }
reprints_done() { [ "$(api GET '/v1/reprints?open=1' | jq '.reprints | length')" = 0 ] && printer_idle p1; }
# order LABEL [members]: status and kind of the answer, which is left in $DIR/answer
order() {
    local status
    status=$(curl -s --max-time 30 --unix-socket "$DIR/temd.sock" -o "$DIR/answer" -w '%{http_code}' \
        -H 'Content-Type: application/json' "http://localhost/v1/jobs/$JOB/reprint" \
        -d "{\"person\":\"anna\",\"reason\":\"damaged\",\"first\":$1${2:-}}")
    echo "$status $(jq -r '.type // .kind' "$DIR/answer")"
}
paper() { # paper N: so many labels lie there when all is done
    wait_for 15 drawn_at_least p1 "$1" && wait_for 10 reprints_done
    drawn p1
}

# ---- what is in the ledger is what the printer drew
JOB=$(job_new 12 p1)
finish_job "$JOB" p1 || exit 1
mapfile -t PICTURES < <(roll_end p1 12)
SAID=$(last_sending | node "$SRC/tests/flow/dots-check.mjs" "$DIR/keys/ledger-blinding.key" "${PICTURES[@]}")
is "$SAID" "the same: 12 labels of 400 x 240 dots" "the root over dots, made again from the printer's pictures"
SAID=$(last_sending | node "$SRC/tests/flow/dots-check.mjs" "$DIR/keys/ledger-blinding.key" \
    "${PICTURES[@]:1:11}" "${PICTURES[0]}")
[[ $SAID == "not the same: root over the dots"* ]]
ok $? "but not of the same pictures in another order"

# ---- the same fonts
is "$(order 7)" "201 reprint" "a reprint with the same fonts is taken"
is "$(paper 13)" 13 "one label more"
is "$(fnv_of p1 13)" "$(fnv_of p1 7)" "with the same dots"
is "$(events 'select(.type == "reprint.ordered").dots' | tail -n 1)" '"same"' "the ledger says that they are"
SAID=$(last_sending | node "$SRC/tests/flow/dots-check.mjs" "$DIR/keys/ledger-blinding.key" "$(roll_end p1 1)")
is "$SAID" "the same: 1 labels of 400 x 240 dots" "the event that sent it has its dots"
is "$(order 7 ',"changed_dots":"yes"')" "400 urn:tem:problem:input" "no other word than accept"
is "$(order 7 ',"printer":"p3"')" "409 urn:tem:problem:dots" "a printer of another resolution: asked"
jq -r .detail "$DIR/answer" | grep -q "resolution"
ok $? "and said why"

# ---- another font
change_font 1900
is "$(order 3)" "201 reprint" "temd draws with the fonts that it started with"
is "$(paper 14)" 14 "printed"
is "$(fnv_of p1 14)" "$(fnv_of p1 3)" "with the dots of then"
temd_again
is "$(order 3)" "409 urn:tem:problem:dots" "after a restart it draws with the other font: asked"
jq -r .detail "$DIR/answer" | grep -q "labels 3 to 3 of job $JOB.*other dots now: font RobotoCondensed-Bold.ttf is another file"
ok $? "the newest attempt is what is compared, and it is said what changed"
is "$(order 5)" "409 urn:tem:problem:dots" "asked for a label of the first chunk"
jq -r .detail "$DIR/answer" | grep -q "labels 1 to 12 of job $JOB"
ok $? "it is told which labels were drawn together"
is "$(drawn p1)" 14 "nothing was printed"
is "$(events 'select(.type == "reprint.ordered")' | wc -l)" 2 "nothing was ordered"
is "$(order 5 ',"changed_dots":"accept"')" "201 reprint" "the person accepts that"
is "$(paper 15)" 15 "it is printed"
[ "$(fnv_of p1 15)" != "$(fnv_of p1 5)" ]
ok $? "with other dots"
is "$(events 'select(.type == "reprint.ordered")' | tail -n 1 | jq -r '"\(.by) \(.dots)"')" "anna (unix:$(id -un)) changed" \
    "who accepted what is in the ledger"
api GET "/v1/jobs/$JOB/report" -H 'Accept: text/html' >"$DIR/report.html"
grep -q "done, other dots accepted" "$DIR/report.html"
ok $? "and in the page for the batch record"
is "$(order 5)" "201 reprint" "the accepted ones are what the next reprint is compared with"
is "$(paper 16)" 16 "printed"
is "$(fnv_of p1 16)" "$(fnv_of p1 15)" "with the same dots"

# ---- at a terminal: a scan, a key for the reason, a key for yes; and one more where dots changed
SIX=$(ZXingReader -1 -format DataMatrix "$(roll_end p1 16 | sed -n 6p)" | sed -nE 's/^.*<GS>21(.*)"$/\1/p')
at_terminal() { printf '%s' "$1" | script -qec "\"$TEM_CLI\" reprint" /dev/null | tr -d '\r' >"$DIR/said"; }
at_terminal "$SIX"$'\n1n'
grep -q 'nothing was changed' "$DIR/said"
ok $? "any key but y changes nothing"
at_terminal "$SIX"$'\n1yn'
grep -q 'other dots now' "$DIR/said" && grep -q 'nothing was changed' "$DIR/said"
ok $? "it is said that the dots changed, and asked again"
is "$(events 'select(.type == "reprint.ordered")' | wc -l)" 4 "nothing was ordered"
at_terminal "$SIX"$'\n2yy'
grep -q 'Destroy the damaged one: its number is on the new one' "$DIR/said"
ok $? "ordered with four keys behind the scan"
is "$(paper 17)" 17 "and printed"
is "$(events 'select(.type == "reprint.ordered")' | tail -n 1 | jq -r '"\(.first) \(.reason) \(.dots)"')" "6 unreadable changed" \
    "with the reason of the key"
tem reprint "$SIX" --reason damaged --yes --printer p3 </dev/null >"$DIR/said" 2>&1
is $? 4 "without a terminal it is refused"
grep -q 'add --changed-dots' "$DIR/said"
ok $? "and said how it is accepted"

# ---- a font that changes between order and sending: not what was compared, so not printed
tem printer change-roll p1 >/dev/null
is "$(order 5)" "201 reprint" "ordered while the roll is changed"
change_font 2048
temd_again
tem printer resume p1 >/dev/null
wait_for 10 reprints_done
is "$(drawn p1)" 17 "it is not printed with a font that came later"
events 'select(.type == "reprint.cancelled")' | tail -n 1 | grep -q 'Order it again'
ok $? "its order is cancelled, and the ledger says why"
tem reprints | tr '\n' ' ' | grep -q 'cancelled: A font or a library changed since reprint .* Order it again'
ok $? "so does the list of orders"
is "$(job_state "$JOB")" closed "the job is as it was"
sums_up "$JOB"
ok $? "its states add up"
is "$(order 9)" "201 reprint" "with the first font back the first dots are back"
is "$(paper 18)" 18 "printed"
is "$(fnv_of p1 18)" "$(fnv_of p1 9)" "as they were"

# ---- a font that changes between commit and submission: committed anew
temd_kill TERM
TEM_FAULT=dispatch.release.after:1 "$TEM_TEMD" --config "$DIR/temd.yaml" 2>>"$DIR/log/temd" &
TEMD_PID=$!
disown
wait_for 10 temd_up
SECOND=$(job_new 3 p1)
died() { ! kill -0 "$TEMD_PID" 2>/dev/null; }
wait_for 10 died
ok $? "temd dies with a chunk committed and not submitted"
temd_kill KILL
change_font 1900
temd_start || exit 1
finish_job "$SECOND" p1
is "$(drawn p1)" 21 "its three labels are printed once"
mapfile -t PICTURES < <(roll_end p1 3)
SAID=$(last_sending | node "$SRC/tests/flow/dots-check.mjs" "$DIR/keys/ledger-blinding.key" "${PICTURES[@]}")
is "$SAID" "the same: 3 labels of 400 x 240 dots" "and the newest event has the dots that were printed"
judge_job "$SECOND" 3 "the second job"
is "$(events "select(.type == \"chunk.sending\" and .job == $SECOND)" | jq -s 'map(.dots) | unique | length')" 2 \
    "the first one had those of the font before"
change_font 2048

# ---- a font that is gone
temd_kill TERM
mv "$DIR/fonts/RobotoCondensed-Bold.ttf" "$DIR/font.kept"
temd_start || exit 1
is "$(order 2)" "409 urn:tem:problem:state" "a label that cannot be drawn any more is not ordered"
jq -r .detail "$DIR/answer" | grep -q "cannot be drawn any more:.*[Ff]ont"
ok $? "and it is said what is missing"
temd_kill TERM
mv "$DIR/font.kept" "$DIR/fonts/RobotoCondensed-Bold.ttf"

temd_start || exit 1
tem ledger key >"$DIR/vkey"
tem ledger verify --key "$DIR/vkey" >/dev/null 2>&1
is $? 0 "the ledger is as it was signed"
temd_kill TERM

# ---- printed by a Tem that kept no root: the event as an older one wrote it
sqlite3 "$DIR/store/tem.db" "DROP TRIGGER event_same;
    UPDATE event SET body = CAST (json_remove (CAST (body AS TEXT), '\$.dots') AS BLOB)
    WHERE seq = (SELECT sending_seq FROM chunk WHERE job_id = $JOB AND first = 1)"
temd_start || exit 1
is "$(order 4)" "409 urn:tem:problem:dots" "nothing to compare with: asked"
jq -r .detail "$DIR/answer" | grep -q "older Tem"
ok $? "and said why"
is "$(order 4 ',"changed_dots":"accept"')" "201 reprint" "accepted"
is "$(paper 22)" 22 "it is printed"
is "$(events 'select(.type == "reprint.ordered").dots' | tail -n 1)" '"not_compared"' "the ledger says that nobody compared"

# ---- a root that somebody changed
temd_kill TERM
sqlite3 "$DIR/store/tem.db" "UPDATE event SET body = CAST (replace (CAST (body AS TEXT),
    json_extract (CAST (body AS TEXT), '\$.dots'), '$(printf '%064d' 0)') AS BLOB)
    WHERE seq = (SELECT sending_seq FROM chunk WHERE job_id = $SECOND ORDER BY id DESC LIMIT 1)"
change_font 1900
temd_start || exit 1
JOB=$SECOND
is "$(order 1)" "409 urn:tem:problem:dots" "an edited root is not that of the label"
tem ledger verify --key "$DIR/vkey" >"$DIR/verified" 2>&1
is $? 1 "and the ledger's check fails"
grep -q "was changed" "$DIR/verified"
ok $? "and names the event"
is "$(protocol_errors p1)" 0 "protocol errors"
