#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `tem doctor` over a whole plant: each thing is broken once, its row says so, and what the row tells
# to do mends it. Where that is a command it is the command that is run.
. "$(dirname "$0")/lib.sh"
flow_needs sqlite3
flow_begin
plant --speed-mm-s 600
temd_kill TERM
chmod 700 "$DIR/keys"
FILES=$DIR/cups-files.conf
cp "$DIR/cups/cups-files.conf" "$FILES"
[ "$(id -u)" = 0 ] || printf 'User %s\nGroup %s\n' "$(id -un)" "$(id -gn)" >>"$FILES" # as cupsd takes it
export TZ='<+07>-7' # the site's offset
temd_start || exit 1

doctor() {
    tem doctor --config "$DIR/temd.yaml" --cups-files "$FILES" --json "$@"
}
row() { # row NAME MEMBER [doctor's options]
    local name=$1 member=$2
    shift 2
    doctor "$@" | jq -r --arg n "$name" --arg m "$member" '[.checks[] | select(.name == $n)][0][$m] // ""'
}
row_is() { [ "$(row "$1" verdict)" = "$2" ]; }
# What the commands in the rows call.
sudo() { "$@"; }
tem() {
    if [ "$1 ${2:-}" = "printer add" ]; then
        "$TEM_CLI" "$@" --config "$DIR/temd.yaml" --ppd "$BUILD/drivers/feed/tem.ppd" >>"$DIR/log/mend" 2>&1
    else
        "$TEM_CLI" "$@"
    fi
}
broken() { # broken NAME VERDICT TEXT [doctor's options]: what is wrong is said, and what to do
    local name=$1 verdict=$2 text=$3 got
    shift 3
    wait_for 12 eval "[ \"\$(row '$name' verdict $*)\" = $verdict ]" # temd's own result may be some seconds old
    got=$(doctor "$@" | jq -r --arg n "$name" '[.checks[] | select(.name == $n)][0] | "\(.verdict): \(.words) -> \(.mend)"')
    [[ $got == "$verdict: "*"$text"*" -> "?* ]]
    ok $? "$name: $verdict, \"$text\""
    [[ $got == "$verdict: "*"$text"* ]] || say "got: $got"
}
mended() { # mended NAME
    wait_for 12 row_is "$1" ok
    ok $? "$1: mended"
}
mend() { # mend NAME: does what the row says
    local command
    command=$(row "$1" mend | sed 's/; .*//; s/, then.*//; s/ (.*//')
    eval "$command" >>"$DIR/log/mend" 2>&1
    wait_for 12 row_is "$1" ok
    ok $? "$1: mended by \"${command//$DIR/...}\""
}
sql() { sqlite3 -cmd '.timeout 5000' "$DIR/store/tem.db" "$1"; }
try() { # try CONFIG NAME VERDICT TEXT: the same with another configuration
    local config=$1 name=$2 verdict=$3 text=$4 got
    got=$("$TEM_CLI" doctor --config "$config" --cups-files "$FILES" --json |
        jq -r --arg n "$name" '[.checks[] | select(.name == $n)][0] | "\(.verdict): \(.words)"')
    [[ $got == "$verdict: "*"$text"* ]]
    ok $? "$name: $verdict, \"$text\""
    [[ $got == "$verdict: "*"$text"* ]] || say "got: $got"
}

# ---- all is well, once the queue is as `tem printer add` makes it ---------------------------------
broken "queue p1" warn "everybody may print"
mend "queue p1"
JOB=$(job_new 5 p1 L1)
finish_job "$JOB" p1
doctor >"$DIR/doctor.json"
is $? 0 "all is well: exit code"
is "$(jq -r '[.checks[] | select(.verdict != "ok" and .name != "clock" and .name != "disk")] | map(.name) | join(" ")' "$DIR/doctor.json")" "" \
    "all is well: no row that warns, but for this machine's clock and disk"
is "$(jq -r '.checks[].name' "$DIR/doctor.json" | sort | tr '\n' ' ')" \
    "archives chunks clock config cups disk disk-room doubt feed-folder filter fonts held-jobs keys label-sums ledger mime-type printer p1 queue p1 series store store-folder store-log temd templates time-zone " \
    "all checks were made"
for NAME in $(jq -r '.checks[].name | sub(" .*"; "")' "$DIR/doctor.json"); do
    grep -qE "^\| \`$NAME( NAME)?\` \|" "$SRC/docs/administrator.md" || echo "$NAME"
done >"$DIR/unexplained"
is "$(cat "$DIR/unexplained")" "" "docs/administrator.md explains each check"
is "$(jq '.ok + .warn + .fail == (.checks | length)' "$DIR/doctor.json")" true "the counts add up"
as_text() { "$TEM_CLI" doctor --config "$DIR/temd.yaml" --cups-files "$FILES" >"$DIR/said"; }
counts_five() { as_text && grep -q '^ok    label-sums .*each of 5 labels' "$DIR/said"; }
wait_for 12 counts_five && ! grep -q $'\033' "$DIR/said"
ok $? "as text: a line a check, no colours into a file"

# ---- folders, keys, disk ----------------------------------------------------------------------------
chmod 755 "$DIR/store"
broken store-folder fail "open to everybody"
"$TEM_CLI" doctor --config "$DIR/temd.yaml" >/dev/null 2>&1
is $? 5 "a check that failed: exit code"
mend store-folder
chmod 755 "$DIR/keys"
broken keys fail "open to others"
mend keys
chmod 640 "$DIR"/keys/*.key
broken keys fail "tell which numbers come next"
chmod 600 "$DIR"/keys/*.key
mended keys
chmod 750 "$DIR/feed"
broken feed-folder fail "must share it"
mend feed-folder
chmod 2777 "$DIR/feed"
broken feed-folder fail "open to everybody"
mend feed-folder
broken disk-room fail "MiB free" --free 4000000000
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] && [ -w /dev/shm ]; then
    SHM=$(mktemp -d /dev/shm/tem-flow.XXXXXX)
    sed "s|feed: $DIR/feed|feed: $SHM|" "$DIR/temd.yaml" >"$DIR/shm.yaml"
    try "$DIR/shm.yaml" disk fail "gone after a reboot"
    try "$DIR/shm.yaml" "queue p1" fail "another feed folder"
    rmdir "$SHM"
fi
sed "s|store: $DIR/store|store: $DIR/later|" "$DIR/temd.yaml" >"$DIR/later.yaml"
try "$DIR/later.yaml" store-folder warn "not there yet"

# ---- configuration, templates, fonts, time -----------------------------------------------------------
cp "$DIR/temd.yaml" "$DIR/good.yaml"
echo "colour: red" >>"$DIR/temd.yaml"
broken config fail "unknown key"
cp "$DIR/good.yaml" "$DIR/temd.yaml"
mended config
try "$DIR/nowhere.yaml" config fail "No such file"
sed 's/size:/sise:/' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/bad.yaml"
broken templates fail "unknown key"
rm "$DIR/templates/bad.yaml"
mended templates
sed 's/^name:.*/name: other/; s/^fonts:.*/fonts: [Nowhere Sans]/' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/other.yaml"
broken fonts fail "Nowhere Sans"
sed 's/^name:.*/name: other/; s/module:.*/module: 0.1 mm/' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/other.yaml"
broken template-fit warn "module"
rm "$DIR/templates/other.yaml"
mended fonts
sed "1i fonts: [$DIR/nowhere]" "$DIR/temd.yaml" >"$DIR/fonts.yaml"
try "$DIR/fonts.yaml" fonts fail "$DIR/nowhere"
TZ=UTC0 broken time-zone warn "this machine another zone"

# ---- CUPS ---------------------------------------------------------------------------------------------
chmod 777 "$DIR/cups/bin/filter/temfeed"
broken filter fail "may be changed by everybody"
chmod 755 "$DIR/cups/bin/filter/temfeed"
mended filter
mv "$DIR/cups/bin/filter/temfeed" "$DIR/temfeed"
broken filter fail "CUPS prints no label"
cups_kill TERM
cups_start || exit 1
broken "queue p1" fail "cups-missing-filter"
mv "$DIR/temfeed" "$DIR/cups/bin/filter/temfeed"
cups_kill TERM
cups_start || exit 1
mended filter
mended "queue p1"
mv "$DIR/cups/tem.types" "$DIR/tem.types"
broken mime-type fail "refuses temd's jobs"
mv "$DIR/tem.types" "$DIR/cups/tem.types"
mended mime-type
broken cups fail "does not answer" --cups "$DIR/nobody.sock"

lpadmin -p p1 -o printer-error-policy=retry-job
broken "queue p1" fail "sends a job again"
broken "printer p1" fail "refused"
mend "queue p1"
mended "printer p1"
cupsdisable p1
broken "queue p1" fail "it is disabled"
cupsenable p1
mended "queue p1"
cupsreject p1
broken "queue p1" fail "it rejects jobs"
mend "queue p1"
lpadmin -p p1 -u allow:somebody
broken "queue p1" fail "may not print to it: only somebody"
mend "queue p1"
lpadmin -p p1 -v "socket://127.0.0.1:${PORTS[p1]}/"
broken "queue p1" warn "lacks options"
mend "queue p1"
lpadmin -p p1 -v ipp://127.0.0.1/ipp/print
broken "queue p1" fail "brings no answers back"
tem printer add p1 --device "socket://127.0.0.1:${PORTS[p1]}"
mended "queue p1"
sed "s|$DIR/feed|/nowhere|" "$DIR/tem.ppd" >"$DIR/wrong.ppd"
lpadmin -p p1 -P "$DIR/wrong.ppd" 2>/dev/null
broken "queue p1" fail "another feed folder"
mend "queue p1"
lpadmin -x p1
broken "queue p1" fail "no queue p1"
tem printer add p1 --device "socket://127.0.0.1:${PORTS[p1]}"
mended "queue p1"
mended "printer p1"
sed 's/^printers:.*/printers: []/; /- {name: p1/,/stock:/d' "$DIR/temd.yaml" >"$DIR/none.yaml"
try "$DIR/none.yaml" queues warn "has no printers"

# ---- temd ------------------------------------------------------------------------------------------------
# A printer that does not answer is one to look at, no fault of the installation.
printer_tell p1 head open >/dev/null
JOB=$(job_new 1 p1 waits)
broken "printer p1" warn "waiting"
printer_tell p1 head close >/dev/null
finish_job "$JOB" p1
mended "printer p1"

# Its own examination: the store is changed behind its back.
sql "INSERT INTO chunk (id, job_id, attempt, first, last, printer, impressions, state, epoch, sent_ms)
    VALUES (900000, $JOB, 1, 1, 1, 'elsewhere', 1, 'sending', 1, 1000)"
broken chunks warn "job $JOB has a chunk on its way to elsewhere"
sql "DELETE FROM chunk WHERE id = 900000"
mended chunks
WAS=$(sql "SELECT accepted_ms FROM job WHERE id = $JOB")
sql "UPDATE job SET state = 'held', hold_reason = 'person', accepted_ms = 1000 WHERE id = $JOB"
broken held-jobs warn "1 jobs wait for a person"
sql "UPDATE job SET state = 'closed', hold_reason = NULL, accepted_ms = $WAS WHERE id = $JOB"
mended held-jobs
sql "UPDATE span SET state = 'in_doubt' WHERE job_id = $JOB AND newest = 1"
broken doubt warn "1 labels may exist or not; the first are of job $JOB"
sql "UPDATE span SET state = 'printed' WHERE job_id = $JOB AND newest = 1"
mended doubt
sql "UPDATE job SET quantity = 2 WHERE id = $JOB"
broken label-sums fail "the first is job $JOB"
sql "UPDATE job SET quantity = 1 WHERE id = $JOB"
mended label-sums
sql "UPDATE span SET first = 2, last = 2 WHERE job_id = $JOB AND newest = 1; UPDATE job SET quantity = 2 WHERE id = $JOB"
broken label-sums fail "the first is job $JOB"
sql "UPDATE span SET first = 1, last = 1 WHERE job_id = $JOB AND newest = 1; UPDATE job SET quantity = 1 WHERE id = $JOB"
mended label-sums
truncate -s 600M "$DIR/store/tem.db-wal"
broken store-log warn "not yet in the database"
temd_kill TERM
broken temd fail "temd is not running"
[ "$(doctor | jq '[.checks[] | select(.verdict == "ok")] | length')" -ge 12 ]
ok $? "without temd the rest is checked all the same"
sed -i 's/length: 10}/length: 10, low_water: 9000000000000000}/' "$DIR/temd.yaml"
temd_start || exit 1
mended temd
mended store-log
broken series warn "scopes run low"
temd_kill TERM
cp "$DIR/good.yaml" "$DIR/temd.yaml"

cp "$DIR/store/tem.db" "$DIR/good.db"
temd_start || exit 1 # it would not start with what comes now
sql "DROP TRIGGER event_stays; DELETE FROM event WHERE seq = 2"
mended series
broken ledger fail "but the last has number"
temd_kill TERM
cp "$DIR/good.db" "$DIR/store/tem.db"
# A page of an index that temd does not need to start: 200 bytes of its cells become rubbish.
PAGE=$(sql "SELECT rootpage FROM sqlite_schema WHERE name = 'job_template'")
head -c 200 /dev/zero | tr '\0' 'x' |
    dd of="$DIR/store/tem.db" bs=1 seek=$(((PAGE - 1) * 4096 + 8)) conv=notrunc status=none
rm -f "$DIR"/keys/ledger-*.witness
temd_start || exit 1
broken store fail "is damaged"
temd_kill TERM
cp "$DIR/good.db" "$DIR/store/tem.db"
rm -f "$DIR"/keys/ledger-*.witness
temd_start || exit 1
mended store
mended ledger
