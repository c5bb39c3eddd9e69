#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tem check and tem preview as a person or a script calls them: figures worked out by hand, sheets
# taken apart and read by ZXing, terminals played by script(1). No temd, no CUPS.
. "$(dirname "$0")/lib.sh"
flow_needs jq ZXingReader script base64
DIR=$(mktemp -d "${TMPDIR:-/tmp}/tem-look.XXXXXX")
trap flow_end EXIT
cd "$DIR" || exit 1
STOCK=$SRC/templates/stock/medicine-pack.yaml
CUT=$BUILD/tests/tools/cut-sheet
tem() { "$TEM_CLI" "$@"; }
ESC=$(printf '\033')

# ---- check -------------------------------------------------------------------------------------

SAID=$(tem check "$STOCK" 2>&1)
is $? 0 "stock template: exit code"
# 0.5 mm are 4 dots at 8 dots a mm, 5.9 -> 6 at 11.811 (0.508 mm), 11.8 -> 12 at 23.622
[[ $SAID == *"zpl-203   0.500     4 "*"zpl-300   0.508     6 "*"zpl-600   0.508    12 "* ]]
ok $? "stock template: modules at three resolutions"
# FNC1, 24 digits, 10 + lot, FNC1, 21 + serial: 1 + 12 + 5 + 1 + 11 = 30 codewords, which 22 x 22 modules hold (ISO/IEC 16022 table 7)
[[ $SAID == *"22 x 22 modules"*"11.00 x 11.00"* ]]
ok $? "stock template: the symbol's size"
[[ $SAID == *"no faults"* && $SAID != *"$ESC"* ]]
ok $? "stock template: no faults, and no colours in a pipe"
is "$(printf '%s\n' "$SAID" | tail -n +2 | awk 'length > 80' | wc -l)" 0 "tables fit 80 columns"

# What docs/checking.md shows is what is said: the whole table; of the JSON ("..." stands for more) all
# that is there.
DOC=$SRC/docs/checking.md
sed -n '/^    \$ tem check medicine-pack.yaml$/,/^$/{s/^    //;/^\$/d;/^$/d;p}' "$DOC" >doc.txt
(cd "$SRC/templates/stock" && tem check medicine-pack.yaml) >said.txt 2>&1
is "$(cmp doc.txt said.txt && wc -l <doc.txt)" 7 "docs/checking.md: the table"
tem check "$STOCK" -m zpl-203 --json | jq '.checks[].symbols[]?' >symbol.json
sed -n '/^    {"symbology"/,/^$/p' "$DOC" | sed 's/, \.\.\.}/}/' >doc.json
is "$(jq --slurpfile said symbol.json '. as $doc | ($said[0] | contains($doc)) and ($doc | length) > 10' doc.json)" \
    true "docs/checking.md: the JSON"

tem check "$STOCK" --json >check.json
is "$(jq -c '[.checks[].model]' check.json)" '["zpl-203","zpl-300","zpl-600"]' "JSON: the models"
is "$(jq -c '.checks[0].symbols[0] | [.module_dots, .columns, .width_um, .quiet.right.needed_um]' check.json)" \
    '[4,22,11000,500]' "JSON: figures"
is "$(tem check "$STOCK" -m zpl-300 -m zpl-300 --json | jq -c '[.checks[].model]')" '["zpl-300"]' "a model named twice"

tem check - <"$STOCK" >stdin.txt
is $? 0 "standard input: exit code"
is "$(sed 's/^stdin//' stdin.txt)" "${SAID#"$STOCK"}" "standard input: the same"

SAID=$(tem check gone.yaml "$STOCK" . --quiet 2>&1)
is $? 1 "a file that vanished: exit code"
[[ $SAID == *"gone.yaml"*"No such file"*"medicine-pack.yaml: 50 x 30 mm, no faults"*"directory"*"2 errors"* ]]
ok $? "a file that vanished: the others are checked"

sed 's/, sample: [^,}]*}/}/' "$STOCK" >bare.yaml
SAID=$(tem check bare.yaml)
is $? 0 "no samples: exit code"
[[ $SAID == *"product:"*"gtin:"*"lot:"*"expiry:"* ]]
ok $? "no samples: all that is missing is named"
[[ $SAID == *"zpl-203   0.500     4 "* ]]
ok $? "no samples: the module is told all the same"

sed 's/sample: 7K3QF9ZT2M/sample: ABCDEFGHIJKLMNOPQRSTUVWXYZ/' "$STOCK" >long.yaml
SAID=$(tem check long.yaml)
is $? 1 "a sample that AI 21 cannot hold: exit code"
[[ $SAID == *"26 characters"* && $SAID == *"1 error,"* ]]
ok $? "a sample that AI 21 cannot hold: told once"

# 0.33 mm: 2.64 dots at 8 a mm, 3.9 at 11.811, 7.8 at 23.622: one fault, three measures
sed 's/module: 0.5 mm/module: 0.33 mm/' "$STOCK" >third.yaml
SAID=$(tem check third.yaml)
[[ $SAID == *"1 note"* && $SAID == *"0.375 mm (3 dots), 13.6% larger"*"[zpl-203; likewise zpl-300, zpl-600]"* ]]
ok $? "one fault on three models is one line"
tem check third.yaml --use retail-distribution >/dev/null
is $? 0 "a use whose table has no DataMatrix"
[[ $(tem check third.yaml --use distribution) == *"3 dots"*"table 2"*"0.750 mm (6 dots)"* ]]
ok $? "a use that was named: its range and the nearest whole-dot module"
tem check "$STOCK" --use shop 2>/dev/null
is $? 2 "an unknown use"
tem check "$STOCK" -m nosuch 2>/dev/null
is $? 2 "an unknown model"

mkdir many
for i in $(seq 1000); do cp bare.yaml "many/$i.yaml"; done
is "$(tem check many/*.yaml -q -m zpl-203 | grep -c '^many/')" 1000 "a thousand files"

# ---- sheets ------------------------------------------------------------------------------------

cat >rows.csv <<'CSV'
product,gtin,lot,expiry
Aspirin,8938505974194,LOT1,2028-01-01
Bromid,8938505974194,LOT2,2028-01-02
Calcium,8938505974195,LOT3,2028-01-03
"Dolor, forte",8938505974194,LOT4,2028-01-04
CSV

lots() { # lots SHEET: what ZXing reads of each label that is on it
    rm -rf cut
    mkdir cut
    "$CUT" "$1" cut >cut.txt || return
    ZXingReader -1 -fast cut/*.png | sed -nE 's/^.*<GS>?.*$/&/; s/.*17[0-9]{6}10(LOT[0-9]).*/\1/p' | tr '\n' ' '
}

tem preview "$STOCK" -d @rows.csv --sheet -o sheet.png >said.txt 2>fault.txt
is $? 1 "sheet with a bad row: exit code"
is "$(lots sheet.png)" "LOT1 LOT2 LOT4 " "sheet: every good row is read"
is "$(wc -l <cut.txt)" 4 "sheet: the bad row has its place"
[[ $(cat fault.txt) == *"row 3"*"gtin"*"8938505974195"* ]]
ok $? "sheet: what is wrong with which row"
is "$(awk '{ print $4, $5 }' cut.txt | sort -u)" "400 240" "sheet: a dot a pixel"
tem preview "$STOCK" -d @rows.csv --row 1-2,4 --json -o sheet.png >sheet.json
is $? 0 "chosen rows: exit code"
is "$(jq -c '[[.labels[].row], .count, .bad]' sheet.json)" "[[1,2,4],3,0]" "chosen rows: JSON"
is "$(lots sheet.png)" "LOT1 LOT2 LOT4 " "chosen rows are read"
tem preview "$STOCK" -d @rows.csv -d lot=LOT9 --row 1,2 -o sheet.png >/dev/null
is "$(lots sheet.png)" "LOT9 LOT9 " "a later value holds for all rows"
tem preview "$STOCK" -d lot=LOT9 -d @rows.csv --row 1,2 -o sheet.png >/dev/null
is "$(lots sheet.png)" "LOT1 LOT2 " "an earlier one for none that has its own"
tem preview "$STOCK" -d @rows.csv --row 1-5 -o sheet.png 2>fault.txt
is $? 1 "a row that is not there: exit code"
[[ $(cat fault.txt) == *"no row 5"*"has 4"* ]]
ok $? "a row that is not there: says how many there are"
tem preview "$STOCK" -d @rows.csv --row x -o sheet.png 2>/dev/null
is $? 2 "rows that are none"

tem preview "$STOCK" --row 2 -o sheet.png 2>/dev/null
is $? 2 "a row of no file"
tem preview "$STOCK" -d @rows.csv -d @rows.csv --sheet -o sheet.png 2>/dev/null
is $? 1 "two files of rows"

printf 'lot,lot\nA,B\n' >twice.csv
tem preview "$STOCK" -d @twice.csv -o sheet.png 2>fault.txt
is "$? $(grep -c 'twice.csv:1:2.*this name' fault.txt)" "1 1" "a column twice"
printf 'lot,quantity\nA,-5\n' >less.csv
tem preview "$STOCK" -d @less.csv --sheet -o sheet.png 2>fault.txt
is "$? $(grep -c 'less.csv:2:2' fault.txt)" "1 1" "a quantity that temd would refuse"
# The place of a value is where it stands: line and cell of the CSV, the header for a column that is no
# field, the row for a value that is missing; a file of JSON for what it gives, nothing for a bare --data.
printf 'lot,expiry,gtin,colour\nL1,2028-13-01,,red\n' >places.csv
tem preview "$STOCK" -d @places.csv --sheet -o sheet.png 2>fault.txt
is "$(grep -oE '^ *(places.csv[0-9:]*|[^ ]*yaml[0-9:]*)?: *[a-z]+:' fault.txt | tr -d ' ' | sort | tr '\n' ' ')" \
    "places.csv:1:4:colour: " "a column that is no field"
printf 'lot,expiry\nL1,2028-13-01\n' >places.csv
for how in --sheet '--row 1'; do
    tem preview "$STOCK" -d @places.csv $how -d product=X -o sheet.png 2>fault.txt
    is "$(sed -nE 's/^  (places[^ ]*) ([a-z]+):.*/\1\2/p' fault.txt | sort | tr '\n' ' ')" \
        "places.csv:2:2:expiry places.csv:2:gtin " "a fault of a value has its place ($how)"
done
printf '{"lot": "L\\u0001"}' >lot.json
tem preview "$STOCK" -d @rows.csv -d @lot.json -o one.png 2>fault.txt
grep -q '^  lot.json: lot: control' fault.txt
ok $? "a fault of a value in JSON names its file"
tem preview "$STOCK" -d @rows.csv -d expiry=never -o one.png 2>fault.txt
grep -q '^  expiry: ' fault.txt
ok $? "one of the command line is not called one of the CSV"
printf 'lot,expiry\n"L1,2028-01-01\n' >cut.csv
tem preview "$STOCK" -d @cut.csv -o one.png 2>fault.txt
grep -q '^  cut.csv:2:1: ' fault.txt
ok $? "a CSV that is broken: its place"
printf 'product\nWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW\n' >wide.csv
line=$(grep -n '^  - text: "{product}"' "$STOCK" | cut -d: -f1)
for how in '' --sheet; do
    tem preview "$STOCK" -d @wide.csv --samples $how -o one.png 2>fault.txt
    grep -q "^  $STOCK:$line:5: text: text does not fit" fault.txt
    ok $? "what cannot be drawn: the element's place in the template ($how)"
done

# The manual page has each command and option that the help has.
for command in $(tem help | sed -n '/^Examples/q; s/^  \([a-z]*\)  .*/\1/p'); do
    grep -qE "^\.B[IR]? \"?$command( |\"|$)" "$SRC/docs/man/tem.1" || echo "$command"
    for option in $(tem help "$command" | sed '/^Options of every/,$d' | grep -oE '^  (-., )?--[a-z-]+' | grep -oE -e '--[a-z-]+'); do
        grep -qF -- "${option//-/\\-}" "$SRC/docs/man/tem.1" || echo "$command $option"
    done
done >missing.txt
is "$(cat missing.txt)" "" "tem.1 has all commands and options"

tem print medicine-pack -p line -d @rows.csv 2>fault.txt
is "$? $(grep -c -- '--csv rows.csv' fault.txt)" "2 1" "a file of rows is not printed by its first one"

# 832 dots of a 203 dpi head are 104 mm.
sed 's/^size: .*/size: 120 x 30 mm/' "$STOCK" >broad.yaml
SAID=$(tem check broad.yaml -q -m zpl-203)
[[ $SAID == *"zpl-203 cannot print a label of this size (got \"120.000 mm x 30.000 mm\"; expected at most 104.000 mm x "* ]]
ok $? "a label too wide for a printer: in millimetres"

# An optional field alone in a barcode: what mends it is told, and does.
cat >alone.yaml <<'YAML'
tem: 1
name: alone
size: 50 x 30 mm
fields:
  p: {type: text}
elements:
  - {barcode: code128, at: [4, 4], module: 0.25, data: "{p}"}
YAML
SAID=$(tem check alone.yaml -q)
[[ $? = 1 && $SAID == *"alone.yaml:7:5: barcode: code128 has no data"*'sample: VALUE'*'when: "{field}"'* ]]
ok $? "a barcode without data: what to do"
sed 's/type: text/&, sample: A1/' alone.yaml >alone-sample.yaml
sed 's/data: "{p}"/&, when: "{p}"/' alone.yaml >alone-when.yaml
tem check alone-sample.yaml alone-when.yaml -q >said.txt
is "$?" 0 "a barcode without data: both mends help"

mkfifo pipe.yaml
tem check pipe.yaml >fault.txt 2>&1
is "$? $(grep -c 'not a regular file' fault.txt)" "1 1" "a FIFO is not waited for"

tem preview "$STOCK" --samples -d lot=LOT7 -m zpl-203 -m zpl-300 -o models.png >/dev/null
is "$(lots models.png)" "LOT7 LOT7 " "two models are read"
tem preview "$STOCK" --samples -d lot=LOT7 -m zpl-203 -m zpl-300 -m zpl-600 -o models.png >/dev/null
is "$(lots models.png)" "LOT7 LOT7 LOT7 " "three models are read"
# 23.622 pixels a mm: 50 mm are 1181.1, 30 mm 708.7; a head's own dots are whole
is "$(awk '$4 < 1179 || $4 > 1183 || $5 < 706 || $5 > 711' cut.txt | wc -l)" 0 "three models have one size"

# ---- one label ---------------------------------------------------------------------------------

tem preview "$STOCK" -o one.png >/dev/null
tem preview "$STOCK" -o - 2>/dev/null | cmp - one.png
ok $? "-o - is the same file"
tem preview - -o - 2>/dev/null <"$STOCK" | cmp - one.png
ok $? "a template from standard input"
tem preview "$STOCK" --scale 3 -o three.png >/dev/null
is "$(ZXingReader -1 -fast three.png | sed 's/three/one/')" "$(ZXingReader -1 -fast one.png)" "three pixels a dot read the same"
is "$(tem preview "$STOCK" --scale 3 --json -o three.png | jq -c '[.width_dots, .height_dots]')" "[400,240]" "scaled: dots stay dots"
tem preview "$STOCK" --scale 0 -o x.png 2>/dev/null
is $? 2 "a scale that is none"
tem preview "$STOCK" --piece 2 -o x.png 2>/dev/null
is $? 2 "a piece that the label does not have"
sed 's/^close:/pieces: 2\n&/; s/{text: GTIN,/{text: "LEFT{piece.index}",/' "$STOCK" >pieces.yaml
tem preview pieces.yaml --piece 1 -o p1.png >/dev/null && tem preview pieces.yaml --piece 2 -o p2.png >/dev/null
! cmp -s p1.png p2.png
ok $? "pieces show their own number"

# ---- terminals ---------------------------------------------------------------------------------

terminal() { # terminal NAME=VALUE... -- ARGUMENT...: on a pseudo-terminal, what it sees in tty.txt
    local env=()
    while [ "$1" != -- ]; do env+=("$1"); shift; done
    shift
    env -u TMUX -u KITTY_WINDOW_ID -u TERM_PROGRAM -u NO_COLOR "${env[@]}" \
        script -qec "stty cols 80; $(printf '%q ' "$TEM_CLI" "$@")" /dev/null </dev/null >tty.txt
}

terminal TERM=xterm NO_COLOR=1 -- check third.yaml -m zpl-203
is "$(tr -d '\r' <tty.txt | while read -r line; do [ ${#line} -gt 80 ] && echo "$line"; done)" "" "on a terminal of 80 columns no line is longer"
is "$(tr '\r\n' '  ' <tty.txt | tr -s ' ' | grep -c '0.375 mm (3 dots), 13.6% larger than asked for (got "0.330 mm"')" 1 "and no word is lost"
is "$(tem check third.yaml -m zpl-203 | grep -c 'larger.*expected')" 1 "in a pipe a finding is one line"
terminal TERM=xterm-kitty -- preview "$STOCK" -o shown.png
tr -d '\r\n' <tty.txt | grep -ao "${ESC}_G[^$ESC]*$ESC" | sed "s/^[^;]*;//; s/$ESC\$//" | tr -d '\n' | base64 -d | cmp - shown.png
ok $? "kitty is given the file"
terminal TERM=xterm-256color TERM_PROGRAM=iTerm.app -- preview "$STOCK" --inline auto
[ ! -e medicine-pack.png ]
ok $? "who asks to look gets no file"
tr -d '\r\n' <tty.txt | sed 's/^.*1337;File=[^:]*://; s/\x07.*//' | base64 -d | cmp - one.png
ok $? "iTerm2 is given the file"
terminal TERM=xterm-kitty TMUX=x,1,1 -- preview "$STOCK" --inline kitty
[[ $(cat tty.txt) == *"tmux"* && $(cat tty.txt) != *"${ESC}_G"* ]]
ok $? "kitty's codes are not sent to tmux"
terminal TERM=xterm NO_COLOR=1 -- preview "$STOCK" --inline blocks
braille=$(grep -aoP '[\x{2800}-\x{28ff}]+' tty.txt)
# 400 dots by 3 are 134, two a character; 240 are 80, four a character
is "$(printf '%s\n' "$braille" | while read -r line; do echo ${#line}; done | sort -u)" 67 "braille: 67 characters wide on 80 columns"
is "$(printf '%s\n' "$braille" | wc -l)" 20 "braille: 20 lines"
! grep -aq "$ESC\[[0-9;]*m" tty.txt
ok $? "braille: NO_COLOR is kept"
terminal TERM=dumb -- preview "$STOCK" -o shown.png
! grep -aq "$ESC" tty.txt
ok $? "a dumb terminal gets no codes"
terminal TERM=xterm-kitty -- preview "$STOCK" -o shown.png --inline none
! grep -aq "$ESC" tty.txt
ok $? "--inline none"
terminal TERM=xterm-kitty -- preview "$STOCK" -o shown.png --json
jq -e .width_dots <tty.txt >/dev/null
ok $? "JSON is nothing but JSON"
TERM=xterm-kitty KITTY_WINDOW_ID=1 tem preview "$STOCK" -o shown.png >pipe.txt
! grep -q "$ESC" pipe.txt
ok $? "no codes in a pipe"
TERM=xterm-kitty tem preview "$STOCK" --inline kitty -o shown.png >pipe.txt 2>/dev/null
is $? 2 "a pipe is no terminal"
[ ! -s pipe.txt ]
ok $? "and gets nothing"
