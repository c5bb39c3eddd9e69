#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds the tree to tests/layers.txt: who includes whom, which library belongs to which folder.
. "${srcdir:-.}/tests/tree.sh"

# includes: "FILE LINE NAME" for each include outside tests/; NAME keeps its quotes or brackets.
includes() {
    tree_files '*.c' '*.h' | grep -v '^tests/' | while read -r file; do
        sed -n "s|^[[:space:]]*#[[:space:]]*include[[:space:]]*\([<\"][^>\"]*[>\"]\).*|\1|;T;=;p" "$file" |
            paste -d' ' - - | sed "s|^|$file |"
    done
}

# findings: what breaks a row of the table given as $1; the list of includes is standard input.
findings() {
    awk -v table="$1" '
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    function allowed(list, name,    i, n, part) {
        n = split(list, part, " ")
        for (i = 1; i <= n; i++)
            if (part[i] == "*" || part[i] == name) return 1
        return 0
    }
    BEGIN {
        while ((getline line < table) > 0) {
            if (line ~ /^[[:space:]]*(#|$)/) continue
            at = index(line, ":")
            key = substr(line, 1, at - 1)
            value = substr(line, at + 1)
            if (key ~ /^</) { pattern[++patterns] = substr(key, 2, length(key) - 2); owner[patterns] = value }
            else may[key] = value
        }
    }
    {
        row = ($1 in may) ? $1 : folder($1)
        if (!(row in may)) {
            if (!told[row]++) print row ": no row in layers.txt (" $1 ")"
            next
        }
        name = substr($3, 2, length($3) - 2)
        if ($3 ~ /^"/) {
            if (name !~ /\//) { if (name != "config.h") print $1 ":" $2 ": include from the project root: \"" name "\"" }
            else if (folder(name) != folder($1) && !allowed(may[row], folder(name)) && !allowed(may[row], name))
                print $1 ":" $2 ": " row " may not include " name
            next
        }
        for (i = 1; i <= patterns; i++) {
            glob = pattern[i]
            star = sub(/\*$/, "", glob)
            if (star ? index(name, glob) != 1 : name != glob) continue
            if (!allowed(owner[i], folder($1)) && !allowed(owner[i], $1))
                print $1 ":" $2 ": <" name "> belongs to" owner[i]
        }
    }'
}

# cycles: names of rows that depend on each other; tsort tells them on standard error.
cycles() {
    sed -n 's|^\([a-z/]*\):\(.*\)|\1 \2|p' "$1" |
        awk '{ print $1, $1; for (i = 2; i <= NF; i++) if ($i != "*") print $i, $1 }' |
        { tsort > /dev/null; } 2>&1
}

tap_empty "$(includes | findings tests/layers.txt)" "who includes whom"
tap_empty "$(cycles tests/layers.txt)" "the layers have no cycle"

# The check itself: each of these lines breaks a rule, the last one none.
breaks() {
    got=$(echo "$1" | findings tests/layers.txt | wc -l)
    test "$got" -eq "$2"
    tap_ok $? "check-layers: $3"
}
breaks 'spooler/base/x.c 1 "spooler/store/store.h"' 1 "base knows nobody"
breaks 'spooler/intake/x.c 1 "spooler/dispatch/dispatch.h"' 1 "intake never calls dispatch"
breaks 'spooler/job/x.c 1 <sqlite3.h>' 1 "SQLite belongs to the store"
breaks 'spooler/render/x.c 1 <cups/raster.h>' 1 "CUPS by pattern"
breaks 'nowhere/x.c 1 "spooler/base/err.h"' 1 "a folder without a row"
breaks 'spooler/job/x.c 1 "job.h"' 1 "from the project root"
breaks 'spooler/job/x.c 1 "spooler/ledger/ledger.h"' 0 "what is allowed"
tap_done
