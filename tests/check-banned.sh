#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Banned calls (conventions, rule 15), licence lines, and paths that exist on one machine only.
. "${srcdir:-.}/tests/tree.sh"

unsafe='sprintf|vsprintf|strcpy|strcat|strncpy|strncat|atoi|atol|atoll|strtok|gets|system|alloca'
# They read the process's locale (vi_VN writes 0,33) or hold a buffer that threads share.
locale='strtod|strtof|strtold|atof|isalpha|isdigit|isalnum|isspace|isupper|islower|isxdigit|ispunct'
locale="$locale|isprint|iscntrl|isgraph|toupper|tolower|localtime|localtime_r|strerror|strerror_r|setlocale"

# calls WORDS: where one of them is called in the C files named on standard input.
calls() {
    xargs -r awk -v keep=code -f tests/c-code.awk |
        grep -E "(^|[^A-Za-z0-9_.>])($1)[[:space:]]*\("
}

# Decimal points follow the locale in %f, %e and %g.
floats() {
    xargs -r awk -v keep=strings -f tests/c-code.awk |
        grep -E '(^|[^%])(%%)*%[-+ #0]*([0-9]*|\*)(\.([0-9]+|\*))?[lL]?[feg]([^a-z]|$)'
}

ours() {
    tree_files '*.c' '*.h' | grep -v '^tests/'
}

tap_empty "$(tree_files '*.c' '*.h' | calls "$unsafe")" "no banned call"
tap_empty "$(ours | calls "$locale")" "no call that depends on the locale"
tap_empty "$(ours | floats)" "no %f on data"
tap_empty "$({
    tree_files '*.c' '*.h' '*.sh' '*.js' '*.mjs' '*.py' '*.awk' '*.am' '*.ac'
    ls quickstart .ci/run
} | xargs -r awk 'FNR <= 2 && /SPDX-License-Identifier: Apache-2.0/ { seen[FILENAME] = 1 }
    FNR == 3 { nextfile }
    END { for (i = 1; i < ARGC; i++) if (!(ARGV[i] in seen)) print ARGV[i] }')" "every source file names its licence"
tap_empty "$(tree_files '*.c' '*.h' '*.sh' '*.js' '*.mjs' '*.py' '*.am' '*.ac' '*.yaml' '*.md' '*.txt' |
    xargs -r grep -nE '(^|[^A-Za-z0-9_./$}-])/(tm[p]|wor[k]|roo[t])/' | grep -vE 'TMPDIR|mktemp')" "no path of one machine"

# The check itself: a call in code is seen; a word in a comment, a string or a longer name is not.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
sees() {
    printf '%s\n' "$2" > "$work/x.c"
    got=$(echo "$work/x.c" | "$1" "$4" | wc -l)
    test "$got" -eq "$3"
    tap_ok $? "check-banned: $2"
}
sees calls 'n = sprintf (out, "x");' 1 "$unsafe"
sees calls '/* sprintf(out) */ snprintf(out, 3, "sprintf(x)");' 0 "$unsafe"
sees calls 'source->system(x); my_system(x);' 0 "$unsafe"
sees calls 'if (isalpha(c)) "a\"b";' 1 "$locale"
sees floats 'printf("%5.2f mm", x);' 1 ''
sees floats 'printf("100%% of %d", x); /* %f */' 0 ''
tap_done
