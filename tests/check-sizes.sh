#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Functions: a warning over 60 lines, a failure over 120. Files: a warning over 400. What
# tests/sizes.txt lists (tables) may be longer.
. "${srcdir:-.}/tests/tree.sh"

ctags=${TEM_CTAGS:-ctags}
excepted() {
    grep -v '^#' tests/sizes.txt | grep -qxF "$1"
}

# functions: "LINES FILE FUNCTION" of the files on standard input, longest first.
functions() {
    "$ctags" -L - -x --languages=C --langmap=C:.c.h --kinds-C=f --fields=+ne \
        --_xformat='%{line} %{end} %{input} %{name}' |
        awk '{ print $2 - $1 + 1, $3, $4 }' | sort -rn
}

tree_files '*.c' '*.h' | while read -r file; do
    lines=$(wc -l < "$file")
    if [ "$lines" -gt 400 ] && ! excepted "$file"; then
        echo "# warning: $file has $lines lines (aim: under 400)"
    fi
done

if ! "$ctags" --version 2>/dev/null | grep -q 'Universal Ctags'; then
    tap_skip "universal-ctags is missing: function sizes not checked"
    tap_done
    exit
fi
sizes=$(tree_files '*.c' '*.h' | functions | while read -r lines file name; do
    excepted "$file $name" || echo "$lines $file: $name"
done)
echo "$sizes" | awk '$1 > 60 { print "# warning: " $2 " " $3 " has " $1 " lines (aim: under 25)" }'
tap_empty "$(echo "$sizes" | awk '$1 > 120')" "no function over 120 lines"

# The check itself: a function of 121 lines is measured as such.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
awk 'BEGIN { print "int f(void)\n{"; for (i = 0; i < 118; i++) print "    g();"; print "}" }' > "$work/x.c"
test "$(echo "$work/x.c" | functions)" = "121 $work/x.c f"
tap_ok $? "check-sizes: 121 lines are 121"
tap_done
