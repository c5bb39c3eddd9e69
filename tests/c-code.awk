# SPDX-License-Identifier: Apache-2.0
# c-code.awk: C files without comments; one output line "FILE:LINE:text" a line. With keep=code,
# string and character literals are emptied ("" and ''), with keep=strings only what is in
# string literals is told. Enough C for checks, not a compiler: no trigraphs, no line splices
# inside a token.
function flush_line() {
    print FILENAME ":" FNR ":" (keep == "strings" ? strings : code)
    code = ""
    strings = ""
}
FNR == 1 { comment = 0 }
{
    n = length($0)
    quote = ""
    for (i = 1; i <= n; i++) {
        c = substr($0, i, 1)
        two = substr($0, i, 2)
        if (comment) {
            if (two == "*/") { comment = 0; i++ }
        } else if (quote != "") {
            if (c == "\\") { if (quote == "\"") strings = strings substr($0, i, 2); i++ }
            else if (c == quote) { code = code c; strings = strings " "; quote = "" }
            else if (quote == "\"") strings = strings c
        } else if (two == "/*") { comment = 1; code = code " "; i++ }
        else if (two == "//") break
        else {
            if (c == "\"" || c == "'") quote = c
            code = code c
        }
    }
    flush_line()
}
