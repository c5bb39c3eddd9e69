#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# "Change the roll" on a printer without evidence, with labels in it: nobody knows when it is empty, so it
# is not called drained, and people are told not to switch it off.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"
flow_begin
cups_start && printer_start p1 --speed-mm-s 60 || exit 1
queue_add p1 p1
temd_config p1:zpl-203:none
sed -e 's/^name: .*/name: pack-sent/; s/^close: .*/close: sent/' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/pack-sent.yaml"
temd_start || exit 1
JOB=$(TEMPLATE=pack-sent job_new 25 p1)
wait_for 10 drawn_at_least p1 2
tem printer change-roll p1 >"$DIR/said"
is $? 0 "change the roll"
grep -q "do not switch it off" "$DIR/said"
ok $? "people are told not to switch it off"
! grep -q ": drained" "$DIR/said"
ok $? "and it is not called drained"
wait_for 30 printer_idle p1
tem printer resume p1 >"$DIR/said"
wait_for 20 job_at_rest "$JOB"
is "$(drawn p1) $(labels_in "$JOB" sent)" "25 25" "it came out by itself"
