#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bad input against the real daemon, fonts and stock template: each answer names place, value and
# expectation, and the store is as it was. No CUPS is needed: nothing gets that far.
. "$(dirname "$0")/lib.sh"
shopt -s lastpipe # send() at the end of a pipe sets STATUS and BODY here
flow_begin
mkdir -p "$DIR/feed"
temd_config p1:zpl-203 small:zpl-203
sed -i '/name: small/{n; s/width: 50 mm/width: 30 mm/}' "$DIR/temd.yaml"
sed -i '1i limits: {body_bytes: 64 KiB}' "$DIR/temd.yaml"
sed -i 's/^  - {name: pack, format: random, length: 10}/&\n  - {name: few, format: sequential, length: 2, last: 5}/' "$DIR/temd.yaml"
mkdir -p "$DIR/templates"
sed -e 's/^name: .*/name: few/; s/series: pack/series: few/' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/few.yaml"
sed -e 's/^name: .*/name: unknown-series/; s/series: pack/series: nosuch/' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/templates/unknown-series.yaml"
printf 'tem: 1\nname: tab\n\tsize: 5 x 5 mm\n' >"$DIR/tab.yaml"
printf 'tem: 1\nname: alias\nsize: &a 50 x 30 mm\ntitle: *a\n' >"$DIR/alias.yaml"
sed -e 's/^name: .*/name: key/; s/^close: /closed: /' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/key.yaml"
sed -e 's/^name: .*/name: fit/; s/at: .48, 19.375./at: [50, 19.375]/' "$SRC/templates/stock/medicine-pack.yaml" >"$DIR/fit.yaml"
temd_start || exit 1

store() { # everything that a refused request must leave as it was
    api GET /v1/series | jq -c '[.series[] | {name, scopes}]'
    api GET /v1/jobs | jq -c '[.jobs[].id]'
}

GOOD='{"product":"Viên nén","gtin":"8938505974194","lot":"L1","expiry":"2028-03-31"}'
BEFORE=$(store)
NAME= STATUS= BODY=

send() { # send PATH CONTENT-TYPE (body on standard input)
    BODY=$(curl -s --max-time 20 --unix-socket "$DIR/temd.sock" -X POST "http://localhost$1" \
        -H "Content-Type: $2" --data-binary @- -w '\n%{http_code}')
    STATUS=${BODY##*$'\n'}
    BODY=${BODY%$'\n'*}
}

# refused NAME STATUS JQ-CONDITION-ON-A-FINDING: and the store is unchanged
refused() {
    is "$STATUS" "$2" "$1: status"
    [ -n "$BODY" ] && jq -e "[.findings[]? | select($3)] | length > 0" <<<"$BODY" >/dev/null
    local found=$?
    ok $found "$1: a finding where $3"
    [ $found = 0 ] || say "got $(cut -c1-700 <<<"$BODY")"
    [ "$(store)" = "$BEFORE" ]
    ok $? "$1: the store is unchanged"
}

with() { # with JQ: the good request, changed
    jq -c -n --argjson data "$GOOD" "{template: \"medicine-pack\", printer: \"p1\", quantity: 3, data: \$data} | $1" |
        send /v1/jobs application/json
}

with '.template = "medicine-pak"'; refused "unknown template" 400 '.value == "medicine-pak" and (.expected | contains("medicine-pack"))'
with '.printer = "p2"'; refused "unknown printer" 400 '.value == "p2" and (.expected | contains("p1"))'
with '.data.prodct = "x"'; refused "unknown field" 400 '(.field | contains("prodct")) and (.expected | contains("product"))'
with '.template = "unknown-series"'; refused "unknown series" 400 '.message + (.value // "") | contains("nosuch")'
with 'del(.data.lot)'; refused "missing field" 400 '.field | endswith("lot")'
with '.data.lot = "1234567890123"'; refused "over-long field" 400 '(.field | endswith("lot")) and (.expected | contains("12"))'
with '.data.gtin = "8938505974195"'; refused "wrong check digit" 400 '(.field | endswith("gtin")) and .value == "8938505974195"'
with '.data.expiry = "2026-02-30"'; refused "a date that does not exist" 400 '(.field | endswith("expiry")) and .value == "2026-02-30"'
with '.data.lot = "L 1"'; refused "a character outside the charset" 400 '.field | endswith("lot")'
with '.data.lot = "[21]"'; refused "lot [21]" 400 '(.field | endswith("lot")) and (.message | contains("["))'
with '.data.product = "Thuốc 💊"'; refused "a character that no font has" 400 '.message | contains("U+1F48A")'
with '.data.product = "x\u0000y"'; refused "NUL" 400 '.message | length > 0'
with '.data.product = "a\u202eb"'; refused "right-to-left override" 400 '.message | contains("U+202E")'
with '.quantity = 0'; refused "quantity 0" 400 '.field == "quantity"'
with '.quantity = -1'; refused "quantity -1" 400 '.field == "quantity"'
with '.quantity = "3"'; refused "quantity as text" 400 '.field == "quantity"'
with '.printer = "small"'; refused "a label larger than the stock" 400 '.code == "label-larger-than-stock"'
with '.template = "few" | .quantity = 6'
is "$STATUS" 409 "beyond the series: status"
[[ $BODY == *few* && $BODY == *5* ]]
ok $? "beyond the series: says what is left"
is "$(store)" "$BEFORE" "beyond the series: the store is unchanged"
printf '{"template":"medicine-pack",' | send /v1/jobs application/json; refused "JSON cut short" 400 '.line == 1'
head -c 70000 /dev/zero | tr '\0' ' ' | send /v1/jobs application/json
is "$STATUS" 413 "a body over the limit"
printf 'x' | send /v1/jobs text/plain
is "$STATUS" 415 "an unknown content type"

CSV='/v1/jobs?template=medicine-pack&printer=p1'
HEAD='product,gtin,lot,expiry'
printf '%s\nA,8938505974194,L1\n' "$HEAD" | send "$CSV" text/csv; refused "a ragged row" 400 '.line == 2'
printf '%s,colour\nA,8938505974194,L1,2028-01-01,red\n' "$HEAD" | send "$CSV" text/csv; refused "an unknown column" 400 '.line == 1 and .value == "colour"'
printf '%s\n' "$HEAD" | send "$CSV" text/csv; refused "no rows" 400 '.message | length > 0'
printf '%s\nA,8938505974194,L1,2028-01-01\nB,8938505974195,L1,2028-01-01\n' "$HEAD" | send "$CSV" text/csv
refused "a bad row behind a good one" 400 '.line == 3 and .value == "8938505974195"'

# Templates: found when they are loaded.
check() { # check FILE LINE TEXT
    local said
    said=$(tem check "$DIR/$1" 2>&1)
    is $? 1 "tem check $1: exit code"
    [[ $said == *"$2:"*"$3"* ]]
    ok $? "tem check $1: line $2, $3"
    [[ $said == *"$2:"*"$3"* ]] || say "got $said"
}
check tab.yaml 3 tab
check alias.yaml 3 ""
check key.yaml "$(grep -n '^closed:' "$DIR/key.yaml" | cut -d: -f1)" '"closed"'
check fit.yaml "$(grep -n 'barcode:' "$DIR/fit.yaml" | cut -d: -f1)" "quiet zone"

# What looks bad and is good: it prints as it is, and is one value.
accepted() { is "$STATUS" 201 "$1 is accepted"; BEFORE=$(store); }
with '.data.lot = "L1(21)FAKE"'; accepted "lot L1(21)FAKE"
with '.data.product = "^XZ^XA _5E ~JA"'; accepted "^XZ^XA and _5E in a product name"
printf '\xef\xbb\xbf%s\r\n"A ""B"", C",8938505974194,L1,2028-01-01\r\n' "$HEAD" | send "$CSV" text/csv; accepted "a CSV with BOM, CRLF and quotes"
