#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `tem printer`: a queue made by command, a test label through it, a queue that people broke mended,
# what is refused, what is found, removal; and that CUPS holds to what was set.
. "$(dirname "$0")/lib.sh"
flow_begin
cups_make
echo "DirtyCleanInterval 0" >>"$DIR/cups/cupsd.conf" # what it is told is in printers.conf at once
# A backend that finds what a network and a USB cable would: names as Zebra's printers give them.
cat >"$DIR/cups/bin/backend/found" <<'EOF2'
#!/bin/sh
[ $# -eq 0 ] || exit 1
echo 'network socket://192.0.2.77:9100 "Zebra Technologies ZTC ZD421-300dpi ZPL" "hall" "MFG:Zebra Technologies ;CMD:ZPL;MDL:ZTC ZD421-300dpi;" ""'
echo 'direct usb://HP/LaserJet?serial=1 "HP LaserJet 400" "office" "MFG:HP;CMD:PCL,PS;MDL:LaserJet 400;" ""'
EOF2
chmod 755 "$DIR/cups/bin/backend/found"
cups_start && printer_start p1 --speed-mm-s 300 && printer_start p2 --speed-mm-s 300 || exit 1
temd_config p1:zpl-203
sed 's/^printers:.*/printers: []/; /- {name: p1/,/stock:/d' "$DIR/temd.yaml" >"$DIR/none.yaml"
cp "$DIR/none.yaml" "$DIR/temd.yaml"
ME=$(id -un)
URI=socket://127.0.0.1:${PORTS[p1]}

printer() { # printer ACTION NAME [options]
    local action=$1
    shift
    local more=(--config "$DIR/temd.yaml")
    [ "$action" = add ] && more+=(--ppd "$BUILD/drivers/feed/tem.ppd")
    tem printer "$action" "$@" "${more[@]}"
}
fails() { # fails CODE TEXT NAME COMMAND...
    local code=$1 text=$2 name=$3 got
    shift 3
    "$@" >"$DIR/said" 2>&1
    got=$?
    is $got "$code" "$name: exit code"
    grep -q -- "$text" "$DIR/said"
    ok $? "$name: says \"$text\""
}

# ---- add ------------------------------------------------------------------------------------
printer add p1 --device "$URI" --model zpl-203 --stock 50x30 --gap 3 >"$DIR/said" 2>&1
is $? 0 "add: exit code"
is "$(lpstat -v p1 | sed 's/.*: //')" "$URI/?snmp=false&waiteof=false&contimeout=60" "the device has the options a confirmation needs"
lpstat -p p1 | grep -q 'enabled'
ok $? "it is enabled"
lpstat -a p1 | grep -q 'accepting'
ok $? "it accepts jobs"
sed -n "s/^ *ErrorPolicy //p; s/^ *AllowUser //p; s/^ *JobSheets //p; s/^ *Shared //p" \
    "$DIR/cups/printers.conf" 2>/dev/null | sort -u >"$DIR/policy"
printf 'No\nabort-job\nnone none\n%s\n' "$ME" | sort -u | cmp -s - "$DIR/policy"
ok $? "CUPS keeps policy, user, banners: $(tr '\n' ' ' <"$DIR/policy")"
grep -qF "*TemFeedFolder: \"$DIR/feed\"" "$DIR/cups/ppd/p1.ppd"
ok $? "its PPD has the feed folder of temd.yaml, not the build's"

# The lines that are shown are what temd reads.
sed -n '/^printers:/,/^ *- /p' "$DIR/said" >"$DIR/lines"
sed -i '/^printers: \[\]/d' "$DIR/temd.yaml"
cat "$DIR/lines" >>"$DIR/temd.yaml"
"$TEM_TEMD" --check-config --config "$DIR/temd.yaml" >"$DIR/said" 2>&1
ok $? "temd reads the lines that add shows"
printer add p1 >"$DIR/said" 2>&1
grep -q 'nothing was changed' "$DIR/said"
ok $? "add again, by what temd.yaml says: nothing is changed"

# ---- the whole path ---------------------------------------------------------------------------
temd_start || exit 1
tem printer test p1 >"$DIR/said" 2>&1
is $? 0 "test: exit code"
grep -q 'confirmed the label after' "$DIR/said"
ok $? "test: the printer confirmed"
is "$(drawn p1)" 1 "one label is on paper"
PICTURE=$DIR/out-p1/$(jq -r 'select(.kind == "label") | .png' "$DIR/out-p1/labels.jsonl")
if command -v dmtxread >/dev/null; then # ZXing 1.4 finds no symbol within a frame
    is "$(dmtxread -m 2000 "$PICTURE")" printer-test:p1 "its symbol says which printer"
else
    say "dmtxread is not installed: the symbol was not read"
fi
is "$(api GET /v1/series | jq '[.series[].scopes[].issued] | add // 0')" 0 "no number was used"
fails 1 'nearest: p1' "test: no such printer" tem printer test p2
printer_tell p1 head open >/dev/null
fails 5 'not confirmed after 2 s' "test with the head open" tem printer test p1 --wait 2
JOB=$(sed -n 's/.*[Jj]ob \([0-9]*\) goes on waiting.*/\1/p' "$DIR/said")
printer status p1 >"$DIR/said" 2>&1
grep -q 'printer *waiting: the printer does not answer' "$DIR/said"
ok $? "status has what temfeed hears of the printer"
fails 4 'open' "remove with a job open" printer remove p1 --yes
printer_tell p1 head close >/dev/null
wait_for 30 job_is "$JOB" closed
ok $? "the test label came out when the head was closed"
is "$(drawn p1)" 2 "two labels are on paper"

# ---- a broken queue ----------------------------------------------------------------------------
lpadmin -p p1 -o printer-error-policy=retry-job -o job-sheets-default=standard,none -u allow:somebody 2>/dev/null
cupsdisable p1
cupsreject p1
printer status p1 >"$DIR/said" 2>&1
grep -q 'DISABLED.*REJECTING' "$DIR/said" && grep -q 'retry-job; somebody may print; standard' "$DIR/said" &&
    grep -q 'sends a job again' "$DIR/said"
ok $? "status shows what is wrong with it"
printer status p1 --json | jq -e '.printers[0].queue | .usable == false and .enabled == false' >/dev/null
ok $? "status --json, too"
is "$(printer add p1 --json | jq -r .changed)" "error policy, who may print, banners, disabled, rejecting jobs" "add mends what differs, and says what"
sed "s|$DIR/feed|/nowhere|" "$DIR/tem.ppd" >"$DIR/wrong.ppd"
lpadmin -p p1 -P "$DIR/wrong.ppd" 2>/dev/null
printer status p1 | grep -q 'another feed folder'
ok $? "status shows a wrong feed folder"
is "$(printer add p1 --json | jq -r .changed)" "driver (PPD)" "add mends it"
tem printer test p1 >"$DIR/said" 2>&1
is $? 0 "and the queue prints"

# Only temd's user may print there.
if [ "$ME" = root ] && id nobody >/dev/null 2>&1; then
    printer add p1 --user nobody >/dev/null 2>&1
    lp -d p1 -o raw "$SRC/tests/demo/products.csv" >"$DIR/said" 2>&1
    grep -q 'Not allowed to print' "$DIR/said"
    ok $? "another user's job is refused by CUPS"
    printer add p1 --user "$ME" >/dev/null 2>&1
fi

# ---- what is refused ----------------------------------------------------------------------------
fails 2 'nearest: zpl-203' "a model that is not there" printer add p2 --device "$URI" --model zpl-20
fails 2 'no device is named' "no device" printer add p2 --model zpl-203
fails 1 'evidence none' "a device without answers" printer add p2 --device ipp://127.0.0.1/ipp --model zpl-203
fails 2 'expected socket://ADDRESS' "a device of no kind" printer add p2 --device 127.0.0.1 --model zpl-203
fails 2 'is no name' "a name CUPS would not take" printer add 'p 2' --device "$URI" --model zpl-203
lpadmin -p office -E -v "$URI" -m raw 2>/dev/null
fails 4 'something else' "a queue of another driver is left alone" printer add office --device "$URI" --model zpl-203
fails 4 'not Tem' "and not removed" printer remove office --yes
lpadmin -p p1 -c several 2>/dev/null
fails 4 'is a class' "a class" printer add several --device "$URI" --model zpl-203
fails 6 'does not answer' "CUPS is not there" tem printer add p2 --device "$URI" --model zpl-203 --cups "$DIR/nobody.sock" --ppd "$DIR/tem.ppd"
fails 2 'nearest: status' "an action that is not there" tem printer statos
fails 2 'takes no --gap' "an option of another action" tem printer status --gap 3
is "$(lpstat -v 2>/dev/null | grep -c 'p2:')" 0 "none of these made a queue"

# A job in the middle: a changed device would start it again.
JOB=$(job_new 60 p1 busy)
wait_for 10 drawn_at_least p1 6
fails 4 'open CUPS jobs' "a new device in the middle of a job" printer add p1 --device "socket://127.0.0.1:${PORTS[p2]}"
finish_job "$JOB" p1
is "$DOUBTS" 0 "the job went on undisturbed"

# A printer that cannot say what it printed.
printer_start mute --speed-mm-s 600 --mute || exit 1
printer add mute --device "socket://127.0.0.1:${PORTS[mute]}" --model zpl-203 --evidence none --stock 40x25.5 >"$DIR/said" 2>&1
lpstat -v mute | grep -q 'waiteof=true'
ok $? "without evidence the backend waits until the printer closes"
sed -n '/^printers:/,/^ *- /p' "$DIR/said" | sed 1d >"$DIR/lines"
sed -i "/^printers:/r $DIR/lines" "$DIR/temd.yaml"
temd_kill TERM
temd_start || exit 1
tem printer test mute >"$DIR/said" 2>&1
is $? 0 "test without evidence: exit code"
grep -q 'cannot confirm: look' "$DIR/said"
ok $? "it says that somebody has to look"
wait_for 20 drawn_at_least mute 1
is "$(drawn mute)" 1 "and the label is there"

# ---- discover -----------------------------------------------------------------------------------
tem printer discover --wait 3 >"$DIR/said" 2>&1
is $? 0 "discover: exit code"
grep -q 'socket://192.0.2.77:9100 .*zpl-300 ' "$DIR/said" && grep -q 'usb://HP/LaserJet.* -  ' "$DIR/said"
ok $? "it tells which speaks ZPL, and at which resolution"
grep -qF "tem printer add line1 --device 'socket://192.0.2.77:9100' --model zpl-300" "$DIR/said"
ok $? "it shows the command"
tem printer discover --wait 3 --json | jq -e '[.devices[] | select(.model == "zpl-300")] | length == 1' >/dev/null
ok $? "discover --json"

# ---- remove -------------------------------------------------------------------------------------
printer remove p1 --yes >"$DIR/said" 2>&1
is $? 0 "remove: exit code"
grep -q "Take it out of $DIR/temd.yaml" "$DIR/said"
ok $? "it says where else it is named"
lpstat -v p1 >/dev/null 2>&1
ok $((! $?)) "the queue is gone"
fails 1 'no queue p1' "remove again" printer remove p1 --yes
temd_kill TERM
printer add p1 --device "$URI" >/dev/null 2>&1
fails 4 'without temd nobody knows' "remove while temd does not run" printer remove p1 --yes
printer remove p1 --yes --force >/dev/null 2>&1
is $? 0 "remove --force"
