#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/run with programs of our own: what it makes of five runs, and what it leaves alone.
. "$(dirname "$0")/lib.sh"
flow_needs jq
DIR=$(mktemp -d "${TMPDIR:-/tmp}/tem-bench-run.XXXXXX")
trap flow_end EXIT
cd "$DIR" || exit 1
mkdir bench
bench() { TEM_SRCDIR=$SRC TEM_BUILDDIR=$DIR BENCH_RUNS=3 bash "$SRC/bench/run" "$@"; }
program() { # program NAME: its lines come from standard input
    cat >"bench/$1"
    chmod +x "bench/$1"
}

program ours <<'SH'
#!/bin/sh
# 10, 20, 60: the third run's folder is called ours.3
case $1 in *.1) value=20 ;; *.2) value=10 ;; *) value=60 ;; esac
echo "{\"row\": \"a row\", \"value\": $value, \"unit\": \"s\", \"who\": \"tem\"}"
SH
bench ours >said.txt 2>&1
is "$? $(jq -c '.[] | [.row, .value, .spread, .runs]' bench/results.json)" '0 ["a row",20,50,3]' "median, spread and runs"
cp bench/results.json before.json
program away <<<'#!/bin/sh
echo "glabels is not installed" >&2
exit 77'
program broken <<<'#!/bin/sh
exit 3'
for name in away broken nosuch; do
    bench $name >said.txt 2>&1
    is "$? $(grep -c 'nothing was measured' said.txt)" "1 1" "$name: nothing was measured"
    cmp -s before.json bench/results.json
    ok $? "$name: the results of before are there still"
done
bench ours away >said.txt 2>&1
is "$? $(grep -c '^skipped: away: glabels' said.txt)" "0 1" "what cannot be done here is skipped, the rest measured"
