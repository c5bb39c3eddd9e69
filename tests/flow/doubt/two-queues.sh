#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two printers in temd.yaml whose queues lead to one device (two stocks, say): a chunk's clearing would
# take the other chunk's labels, and a device that serves two connections would count them in each
# other's place.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_begin
cups_start && printer_start both --speed-mm-s 300 || exit 1
queue_add a both
queue_add b both
lpadmin -p b -v "socket://127.0.0.1:${PORTS[both]}/?snmp=false" 2>&1 | grep -v deprecated
temd_config a:zpl-203 b:zpl-203
temd_start || exit 1
A=$(job_new 5 a A)
B=$(job_new 5 b B)
refused() { api GET /v1/printers | jq -r '.printers[] | select(.state == "refused") | .words' | grep -q "have the same device"; }
wait_for 10 refused
ok $? "one of the two is refused: the same device"
sleep 5
is "$(drawn both)" 5 "only the other one prints"
is "$(labels_in "$A" printed)$(labels_in "$B" printed)" "$(labels_in "$A" reserved | tr 50 05)$(labels_in "$B" reserved | tr 50 05)" "the other job waits"
sed -i '/name: b,/,/stock:/d' "$DIR/temd.yaml"
temd_kill TERM
temd_start || exit 1
sleep 3
is "$(api GET /v1/printers | jq -r '[.printers[] | select(.state == "refused")] | length')" 0 "with one of them there is nothing to refuse"

# What is behind the "?" of usb is which printer, not how.
for n in 1 2; do
    queue_add usb$n both
    lpadmin -p usb$n -v "usb://Zebra/ZD421?serial=D2J00000$n" 2>&1 | grep -v deprecated
done
temd_config usb1:zpl-203 usb2:zpl-203
temd_kill TERM
temd_start || exit 1
sleep 3
is "$(api GET /v1/printers | jq -r '[.printers[] | select(.words | test("same device"))] | length')" 0 "two USB printers of one model are two devices"
