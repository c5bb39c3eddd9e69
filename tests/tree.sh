# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# tree.sh: for shell tests, sourced: TAP on standard output, and which files are ours.
# The source tree is $srcdir (default: the current folder); the test changes into it.
set -u
LC_ALL=C
export LC_ALL
cd "${srcdir:-.}" || exit 1
tap_count=0
tap_failed=0

# tap_ok STATUS NAME: a row; STATUS 0 = good.
tap_ok() {
    tap_count=$((tap_count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tap_count - $2"
    else
        echo "not ok $tap_count - $2"
        tap_failed=$((tap_failed + 1))
    fi
}

# tap_empty TEXT NAME: good when TEXT is empty; its lines are told otherwise.
tap_empty() {
    test -z "$1"
    tap_ok $? "$2"
    test -z "$1" || printf '%s\n' "$1" | sed 's/^/# /'
}

# tap_skip WHY: a row that cannot be tried here.
tap_skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count # SKIP $1"
}

tap_done() {
    echo "1..$tap_count"
    test "$tap_failed" -eq 0
}

# tree_files NAME-PATTERN...: our files of these names, one a line; no build folders, nobody else's.
tree_files() {
    names=
    for pattern in "$@"; do
        names="$names${names:+ -o }-name $pattern"
    done
    set -f # the patterns are find's
    # shellcheck disable=SC2086
    find . \( -name node_modules -o -name '.git' -o -name 'build*' -o -name m4 \
        -o -name autom4te.cache -o -name 'tem-[0-9]*' -o -name _build -o -name demo-out \) -prune -o \
        -type f \( $names \) ! -path './config.h' -print | sed 's|^\./||' | sort
    set +f
}
