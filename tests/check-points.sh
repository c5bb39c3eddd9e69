#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tests/crash/points.txt and the fault points of the sources are one list: what can die is made to die.
. "${srcdir:-.}/tests/tree.sh"
list=tests/crash/points.txt

# points FUNCTION: the names in the sources, a line each; a name that is no string is one that no list can hold.
points() {
    tree_files '*.c' | grep -v '^tests/' | xargs -r grep -hoE "\b$1\([^)]*\)" | sed -E "s/^$1\(//; s/\)\$//"
}
in_source=$(points fault_point | grep -v '^const char' | tr -d '"' | sort)
in_list=$(awk '!/^(#|$)/ { print $1 }' $list | sort -u)
fails=$(points fault_fails | grep -v '^const char' | tr -d '"' | sort -u)

tap_empty "$(echo "$in_source" | uniq -d)" "each point has one place"
tap_empty "$(echo "$in_source" | sort -u | grep -vxF "$in_list")" "each point of the sources is in $list"
tap_empty "$(echo "$in_list" | grep -vxF "$in_source")" "each point of $list is in the sources"
tap_empty "$(awk '!/^(#|$)/ && $5 { sub(/:.*/, "", $5); print $5 }' $list | sort -u | grep -vxF "$fails")" \
    "each fault that a row needs is in the sources"
tap_empty "$(echo "$in_source" | grep -vE '^[a-z-]+(\.[a-z_-]+)+$')" "names are room.step"

# A row is run by the script that has its scenario and names its program.
rows=$(awk '!/^(#|$)/ { print $2, $3 }' $list | sort -u)
tap_empty "$(echo "$rows" | while read -r program scenario; do
    [ "$program" != unit ] || continue
    grep -lE "^run_$scenario\(\)" tests/crash/*.sh | xargs -r grep -hE '^crash_run ' |
        grep -qE "^crash_run ([a-z,]*,)?$program(,[a-z]+)* .*\b$scenario\b" || echo "$program $scenario"
done)" "each row's scenario is run by a script of tests/crash"
tap_empty "$(awk '!/^(#|$)/ && $2 == "unit" { print $1, $3 }' $list | while read -r point unit; do
    grep -qF "\"$point" "tests/unit/$unit.c" || echo "$point $unit"
done)" "each point that a unit test dies at is named in it"
tap_empty "$(awk '!/^(#|$)/ && ($2 !~ /^(temd|temfeed|tem|unit)$/ || !$3 || ($4 && $4 !~ /^([0-9]+|all)$/) || NF > 5)' $list)" \
    "each row is POINT PROGRAM SCENARIO [PASS [FAULT]]"
tap_empty "$(awk '!/^(#|$)/ { print $1, $2, $3, $4 ? $4 : 1, $5 }' $list | sort | uniq -d)" "no row is there twice"

# The check itself sees a point that is not in the list.
echo 'fault_point("not.listed");' | grep -oE 'fault_point\([^)]*\)' | sed -E 's/^fault_point\(//; s/\)$//' | tr -d '"' |
    grep -qvxF "$in_list"
tap_ok $? "a point that is not listed is seen"
tap_done
