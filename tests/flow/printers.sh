#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Several printers side by side; a printer without evidence; queues that are refused, each with the
# command that mends it; CUPS down at start; hold, release and cancel.
. "$(dirname "$0")/lib.sh"
flow_begin
cups_start || exit 1
printer_start fast --speed-mm-s 0 && printer_start slow --speed-mm-s 20 && printer_start mute --speed-mm-s 600 --mute || exit 1
queue_add fast fast
queue_add slow slow
queue_add mute mute
lpadmin -p retry -E -v "socket://127.0.0.1:${PORTS[fast]}/" -P "$DIR/tem.ppd" -o printer-error-policy=retry-job 2>/dev/null
lpadmin -p raw -E -v "socket://127.0.0.1:${PORTS[fast]}/" -m raw 2>/dev/null
lpadmin -p banner -E -v "socket://127.0.0.1:${PORTS[fast]}/" -P "$DIR/tem.ppd" -o printer-error-policy=abort-job -o job-sheets-default=standard,none 2>/dev/null
lpadmin -p retry -c several 2>/dev/null
cups_kill TERM
temd_config fast:zpl-203 slow:zpl-203 mute:zpl-203:none retry:zpl-203 raw:zpl-203 banner:zpl-203 several:zpl-203 nowhere:zpl-203
mkdir -p "$DIR/templates"
sed -e 's/^name: .*/name: pack-sent/; s/^close: .*/close: sent/' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/pack-sent.yaml"
temd_start || exit 1

words() { api GET /v1/printers | jq -r --arg p "$1" '(.printers // .)[] | select(.name == $p) | .words'; }
state() { api GET /v1/printers | jq -r --arg p "$1" '(.printers // .)[] | select(.name == $p) | .state'; }
state_is() { [ "$(state "$1")" = "$2" ]; }
says() { # says PRINTER TEXT
    [[ $(words "$1") == *"$2"* ]]
    ok $? "$1 is refused with: $2"
    [[ $(words "$1") == *"$2"* ]] || say "got: $(words "$1")"
}

wait_for 10 state_is fast offline
ok $? "CUPS down at start: temd starts and says so"
JOB=$(job_new 40 fast early)
is "$(job_state "$JOB")" open "CUPS down at start: jobs are accepted"
cups_start || exit 1
finish_job "$JOB" fast
judge fast 40 "CUPS came up: the job is caught up"

wait_for 10 state_is nowhere refused
says retry "lpadmin -p retry -o printer-error-policy=abort-job"
says raw "lpadmin -p raw -P"
says banner "lpadmin -p banner -o job-sheets-default=none,none"
says several "is a class"
says nowhere "CUPS has no queue nowhere"

SLOW=$(job_new 30 slow slow)
wait_for 10 drawn_at_least slow 1
FAST=$(job_new 200 fast fast)
finish_job "$FAST" fast 30
judge fast 240 "a slow printer does not hold a fast one"
at_most "$(drawn slow)" 29 "the slow one still prints"

# cancel: what the printer holds is cleared, what printed is counted
api POST "/v1/jobs/$SLOW/cancel" -H 'Content-Type: application/json' -d '{"person":"operator"}' >/dev/null
wait_for 60 job_is "$SLOW" cancelled
ok $? "cancel ends a job that is printing"
sums_up "$SLOW"
ok $? "its states add up"
wait_for 20 printer_idle slow
[ "$(labels_in "$SLOW" printed)" -le "$(drawn slow)" ] && [ $(($(labels_in "$SLOW" printed) + $(labels_in "$SLOW" in_doubt))) -ge "$(drawn slow)" ]
ok $? "cancel: drawn $(drawn slow), printed $(labels_in "$SLOW" printed), in doubt $(labels_in "$SLOW" in_doubt)"

# hold before anything started; release
cupsdisable fast
JOB=$(job_new 20 fast held)
sleep 1
api POST "/v1/jobs/$JOB/hold" -H 'Content-Type: application/json' -d '{"person":"operator","reason":"lunch"}' >/dev/null
is "$(job_state "$JOB")" held "held"
cupsenable fast
sleep 2
is "$(drawn fast)" 240 "a held job prints nothing"
is "$(job_field "$JOB" .counts.reserved)" 20 "its labels are reserved again"
finish_job "$JOB" fast
judge fast 260 "released"

JOB=$(job_new 10 mute x)
is "$JOB" null "close: printed on a printer without evidence is refused"
JOB=$(api POST /v1/jobs -H 'Content-Type: application/json' -d '{"template":"pack-sent","printer":"mute","quantity":60,
    "data":{"product":"x","gtin":"8938505974194","lot":"L1","expiry":"2028-03-31"}}' | jq -r .id)
finish_job "$JOB" mute
is "$(labels_in "$JOB" sent)" 60 "a printer without evidence gives sent"
wait_for 20 printer_idle mute
judge mute 60 "a printer without evidence"
