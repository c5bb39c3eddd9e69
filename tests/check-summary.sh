#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# summary.sh counts what automake's result files say, and a test without a result as failed.
. "${srcdir:-.}/tests/tree.sh"

summary=$PWD/tests/summary.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# results NAME RESULT...: a result file as automake's TAP driver writes it.
results() {
    name=$1
    shift
    printf ':test-result: %s\n' "$@" > "$name.trs"
    echo ":global-test-result: PASS" >> "$name.trs"
    printf 'FAIL: %s 2 - row\n# got 1, want 2\n' "$name" > "$name.log"
}

# says NAME STATUS LAST-LINE FILE...
says() {
    name=$1 status=$2 want=$3
    shift 3
    got=$(sh "$summary" "$@")
    have=$?
    test "$have" -eq "$status" && test "$(echo "$got" | tail -n 1)" = "$want"
    tap_ok $? "summary: $name"
}

results good PASS PASS SKIP XFAIL
results bad PASS FAIL
results crash PASS ERROR
results odd XPASS
says "all good" 0 "3 passed, 0 failed, 1 skipped" good.trs
says "one failed" 1 "4 passed, 1 failed, 1 skipped" good.trs bad.trs
says "a crash is a failure" 1 "1 passed, 1 failed, 0 skipped" crash.trs
says "passing against expectation is a failure" 1 "0 passed, 1 failed, 0 skipped" odd.trs
says "no result is a failure" 1 "3 passed, 1 failed, 1 skipped" good.trs gone.trs
says "no test is a failure" 1 "0 passed, 1 failed, 0 skipped"
sh "$summary" bad.trs | grep -q '# got 1, want 2'
tap_ok $? "summary: what failed is told with its reason"
tap_done
