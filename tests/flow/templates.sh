#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Templates over the API, on a real cupsd: add one to a running temd and print with it; add another
# version while a job of the old one is held; kill temd right after the 201. What the printer drew
# says which version a job printed.
. "$(dirname "$0")/lib.sh"
flow_needs ZXingReader
flow_begin
plant --speed-mm-s 300

version() { # version TEXT: a label that says which version it is, and nothing that changes
    cat <<EOF
tem: 1
name: versioned
size: 50 x 30 mm
fields:
  lot: {type: text, charset: gs1-82, max: 12, required: true, sample: L0}
  serial: {series: pack, sample: SAMPLE}
elements:
  - {text: "$1", at: [2, 2], font: Bold 8}
  - {barcode: qr, at: [30, 4], data: "$1/{lot}/{serial}", module: 0.5 mm}
EOF
}

order() { # order LOT QUANTITY: prints the job's id
    api POST /v1/jobs -H 'Content-Type: application/json' \
        -d "{\"template\":\"versioned\",\"printer\":\"p1\",\"quantity\":$2,\"data\":{\"lot\":\"$1\"}}" | jq -r .id
}

put() { # put FILE: prints the status
    api PUT /v1/templates/versioned -H 'Content-Type: application/yaml' --data-binary "@$1" \
        -o "$DIR/put.json" -w '%{http_code}'
}

# What stands in the symbols of the labels that were drawn, a line each.
read_labels() {
    jq -r 'select(.kind == "label") | .png' "$DIR/out-p1/labels.jsonl" | sed "s|^|$DIR/out-p1/|" |
        xargs -r ZXingReader -1 -format QRCode | symbols
}
symbols() { sed -nE 's/^.* QRCode "(.*)"$/\1/p'; }
with() { read_labels | grep -c "^$1/$2/"; } # with VERSION LOT: labels of it

version one >"$DIR/one.yaml"
version two >"$DIR/two.yaml"
version three >"$DIR/three.yaml"

# A name that is not there yet: no job takes it; added, without a restart, one does.
is "$(order A 5)" null "no template of this name: no job"
tem templates add "$DIR/one.yaml" >"$DIR/said" 2>&1
is $? 0 "tem templates add: exit code"
ONE=$(api GET /v1/templates/versioned | jq -r .hash)
grep -q "${ONE:0:12}" "$DIR/said"
ok $? "it tells the version"
A=$(order A 5)
finish_job "$A" p1
judge_job "$A" 5 "added to a running temd"
is "$(with one A)" 5 "labels that say version one"

# A job of the old version waits while the new one comes, and temd is restarted on the way.
B=$(order B 200)
api POST "/v1/jobs/$B/hold" -H 'Content-Type: application/json' -d '{"reason":"new design"}' >/dev/null
wait_for 30 printer_idle p1
is "$(job_state "$B")" held "a job of the old version is held, not all of it printed"
BEFORE=$(with one B)
is "$(put "$DIR/two.yaml")" 201 "another version: 201"
temd_kill KILL
temd_start || exit 1
is "$(api GET /v1/templates/versioned | jq -r .hash)" "$(jq -r .hash "$DIR/put.json")" \
    "killed right after the 201: the version is there, and current"
C=$(order C 5)
[ "$(job_state "$B")" != closed ] && api POST "/v1/jobs/$B/release" >/dev/null
finish_job "$B" p1 120
finish_job "$C" p1
judge_job "$B" 200 "held while the new version came"
judge_job "$C" 5 "ordered with the new version"
is "$(with one B)" 200 "the old job is of the old version ($BEFORE before the new one came)"
is "$(with two C)" 5 "the new job is of the new version"
is "$(with two B)" 0 "none of the old job says otherwise"
judge p1 210 "all versions"

# What is told of it.
tem templates versions versioned --json >"$DIR/versions.json"
is "$(jq -c '[.versions[] | [.current, .jobs]]' "$DIR/versions.json")" '[[true,1],[false,2]]' \
    "versions: the new one is current with one job, the old one has two"
tem templates show versioned --version "${ONE:0:8}" --yaml | cmp -s - "$DIR/one.yaml"
ok $? "the old version, byte for byte"

# The difference is that of diff, and so is its exit code.
diff -u "$DIR/one.yaml" "$DIR/two.yaml" | tail -n +3 >"$DIR/want.diff"
tem templates difference versioned >"$DIR/got.diff"
is $? 1 "difference: exit code 1 where there is one"
tail -n +3 "$DIR/got.diff" | cmp -s - "$DIR/want.diff"
ok $? "difference: what diff -u says"
tem templates difference versioned "$DIR/two.yaml" >"$DIR/got.diff"
is "$? $(wc -c <"$DIR/got.diff")" "0 0" "difference: nothing against the file it came from"
tem templates difference versioned 00000000 >"$DIR/got.diff" 2>&1
is $? 2 "difference: exit code 2 where there is nothing to compare"
if command -v patch >/dev/null; then
    tem templates difference versioned "${ONE:0:10}" "$DIR/three.yaml" | (cd "$DIR" && patch -s -o patched one.yaml -) &&
        cmp -s "$DIR/patched" "$DIR/three.yaml"
    ok $? "difference: patch takes it"
else
    say "patch is not installed: not tried"
fi

# Preview: the dots that print, a number that nobody issued.
NUMBERS=$(api GET /v1/series | jq -c '[.series[].scopes]')
curl -s --unix-socket "$DIR/temd.sock" -D "$DIR/head" -o "$DIR/api.png" http://localhost/v1/templates/versioned/preview
grep -qi '^Tem-Sample: true' "$DIR/head"
ok $? "preview: called a sample"
is "$(ZXingReader -1 -format QRCode "$DIR/api.png" | symbols)" two/L0/SAMPLE "preview: as a scanner reads it"
tem preview "$DIR/two.yaml" -o "$DIR/cli.png" >/dev/null
cmp -s "$DIR/api.png" "$DIR/cli.png"
ok $? "preview: the same dots as tem preview draws"
is "$(api GET /v1/series | jq -c '[.series[].scopes]')" "$NUMBERS" "preview: no number was issued"

# Faults: told with their place, nothing changed; the administrator's names stay theirs.
sed 's/size: 50/sise: 50/' "$DIR/three.yaml" >"$DIR/bad.yaml"
is "$(put "$DIR/bad.yaml")" 400 "a fault: 400"
jq -e '.findings[] | select(.line == 3 and .column == 1 and .value == "sise")' "$DIR/put.json" >/dev/null
ok $? "a fault: line and column"
said=$(tem templates add "$DIR/bad.yaml" 2>&1)
is $? 1 "tem templates add with a fault: exit code"
[[ $said == *"bad.yaml:3:1:"* ]]
ok $? "tem templates add with a fault: where"
sed 's/name: versioned/name: medicine-pack/' "$DIR/three.yaml" >"$DIR/theirs.yaml"
said=$(tem templates add "$DIR/theirs.yaml" 2>&1)
is $? 4 "a name of the administrator's: exit code"
[[ $said == *"templates/stock/medicine-pack.yaml"* ]]
ok $? "a name of the administrator's: says which file"
is "$(api GET /v1/templates/versioned | jq -r .hash)" "$(tem templates versions versioned --json | jq -r '.versions[0].hash')" \
    "what was current still is"
