#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# summary.sh FILE.trs...: what failed, then one line, the last: "N passed, N failed, N skipped".
# A test that left no result counts as failed: it did not run to where it could say so.
# Exit status 1 when something failed.
set -u

for trs in "$@"; do
    log=${trs%.trs}.log
    if ! test -f "$trs"; then
        echo ":test-result: FAIL"
        echo "failed: ${trs%.trs}: no result"
        continue
    fi
    grep '^:test-result:' "$trs"
    # What failed, and the first lines that the test itself says about it.
    test ! -f "$log" || awk -v log_file="$log" '
        /^(FAIL|ERROR|XPASS): / { print "failed: " $0 " (" log_file ")"; lines = 0; in_failure = 1; next }
        /^(ok|not ok|PASS|SKIP|XFAIL)/ { in_failure = 0 }
        in_failure && /^#/ && lines++ < 10 { print "    " $0 }' "$log"
done | awk '
    $1 != ":test-result:" { print; next }
    $2 == "PASS" || $2 == "XFAIL" { passed++; next }
    $2 == "SKIP" { skipped++; next }
    { failed++ }
    END {
        if (passed + failed + skipped == 0) { failed = 1; print "failed: no test ran" }
        printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
        exit failed > 0
    }'
