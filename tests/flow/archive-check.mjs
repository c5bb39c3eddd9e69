// SPDX-License-Identifier: Apache-2.0
// archive-check.mjs FILE VKEY: an archive with Node's crypto and the sqlite3 program alone, written from
// docs/administrator.md, RFC 9162 and C2SP's signed-note and not from Tem's code. Exit status 0: it is as
// it was signed; 1 with the reason: not.
import { createHash, createPublicKey, verify } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";

const [file, vkeyFile] = process.argv.slice(2);
const sha = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const nodeHash = (l, r) => sha(Buffer.from([1]), l, r);
const ask = sql => JSON.parse(execFileSync("sqlite3", ["-readonly", "-json", file, sql],
                                           { maxBuffer: 1 << 30 }).toString() || "[]");

function openNote(note, vkey) {
    const [name, id, ...rest] = vkey.trim().split("+");
    const key = Buffer.from(rest.join("+"), "base64");
    const at = note.lastIndexOf("\n\n"), text = note.slice(0, at + 1);
    const line = note.slice(at + 2).split("\n").find(l => l.startsWith(`— ${name} `));
    assert(line, "no signature of this key");
    const signature = Buffer.from(line.split(" ")[2], "base64");
    assert.equal(signature.subarray(0, 4).toString("hex"), id, "signature of another key");
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(1)]);
    assert(verify(null, Buffer.from(text), createPublicKey({ key: der, format: "der", type: "spki" }),
                  signature.subarray(4)), "signature");
    return text.split("\n");
}

// docs/administrator.md: the columns of each table, in the order of the digest's lines; then how rows are sorted.
const tables = {
    meta: ["key value", "key"], template: ["hash name body", "hash"], subtree: ["level place hash", "level, place"],
    job: ["job state template template_hash printer quantity pieces close_at on_doubt caller person reference " +
          "accepted_ms utc_offset_min sample replaces replaces_label more", "job"],
    data: ["job first last fields", "first"],
    segment: ["job field first last series scope generation range_first", "field, first"],
    number: ["job label place field number blinding", "label, place"],
    span: ["job newest first last attempt state", "newest, first, attempt"],
    chunk: ["chunk job attempt first last printer impressions confirmed state epoch sent_ms settled_ms " +
            "sending_seq reprint more", "chunk"],
    reprint: ["reprint job first last state printer reason words person approver ordered_ms more", "reprint"],
    event: ["seq job body leaf", "seq"],
};

function lines(table, where) {
    const [columns, order] = tables[table];
    const value = c => `quote(CASE typeof(${c}) WHEN 'text' THEN CAST(${c} AS BLOB) ELSE ${c} END)`;
    return ask(`SELECT ${columns.split(" ").map(value).join(" || ',' || ")} AS line FROM ${table} ${where} ORDER BY ${order}`)
        .map(row => row.line + "\n");
}

try {
    const vkey = readFileSync(vkeyFile, "utf8"), notes = {};
    for (const row of ask("SELECT kind, body FROM note")) notes[row.kind] = row.body;
    const [origin, size, root] = openNote(notes.checkpoint, vkey);
    const manifest = openNote(notes.manifest, vkey);
    assert.equal(manifest[0], "tem-archive/1", "form of the manifest");
    assert.equal(manifest[1], origin, "origin");
    const digests = ask("SELECT job, part, lines, lower(hex(sha256)) AS hash, quote(job) || ',' || " +
        "quote(CAST(part AS BLOB)) || ',' || quote(lines) || ',' || quote(sha256) AS line FROM digest ORDER BY job, part");
    assert.equal("digest " + sha(Buffer.from(digests.map(d => d.line + "\n").join(""))).toString("hex"), manifest[6],
                 "the digests are not those that were signed");
    for (const d of digests) {
        const own = lines(d.part, d.job ? `WHERE job = ${d.job}` : "");
        assert.equal(own.length, d.lines, `job ${d.job}: rows of ${d.part}`);
        assert.equal(sha(Buffer.from(own.join(""))).toString("hex"), d.hash, `job ${d.job}: ${d.part} was changed`);
    }
    // The tree: archived events, and the roots of what lies between them.
    const stack = [];
    let leaves = 0n;
    for (const row of ask("SELECT place << level AS start, level, hex(hash) AS hash, NULL AS body, NULL AS seq FROM subtree" +
                          " UNION ALL SELECT seq - 1, 0, NULL, hex(body), seq FROM event ORDER BY 1")) {
        let level = row.level, hash = Buffer.from(row.hash ?? "", "hex");
        assert.equal(BigInt(row.start), leaves, `event ${leaves + 1n} is not there`);
        if (row.body !== null) {
            const body = Buffer.from(row.body, "hex");
            assert.equal(JSON.parse(body).seq, row.seq, "an event in another's place");
            hash = sha(Buffer.from([0]), body);
        }
        leaves += 1n << BigInt(level);
        for (; stack.length && stack.at(-1).level === level; level++) hash = nodeHash(stack.pop().hash, hash);
        stack.push({ level, hash });
    }
    let top = stack.pop().hash;
    while (stack.length) top = nodeHash(stack.pop().hash, top);
    assert.equal(leaves, BigInt(size), "number of events");
    assert.equal(top.toString("base64"), root, "root of the ledger");
    // Numbers against the roots that were signed before anything was printed.
    const text32 = text => { const b = Buffer.from(text), n = Buffer.alloc(4); n.writeUInt32BE(b.length); return Buffer.concat([n, b]); };
    const treeRoot = list => {
        if (list.length === 1) return list[0];
        let k = 1;
        while (k * 2 < list.length) k *= 2;
        return nodeHash(treeRoot(list.slice(0, k)), treeRoot(list.slice(k)));
    };
    let numbers = 0;
    for (const chunk of ask("SELECT c.job, c.first, c.last, CAST(e.body AS TEXT) AS body FROM chunk AS c JOIN event AS e ON e.seq = c.sending_seq")) {
        const list = ask(`SELECT n.number, hex(n.blinding) AS blinding, s.series, s.scope FROM number AS n JOIN segment AS s
            ON s.job = n.job AND s.field = n.field AND n.label BETWEEN s.first AND s.last WHERE n.job = ${chunk.job}
            AND n.label BETWEEN ${chunk.first} AND ${chunk.last} ORDER BY n.label, n.place`);
        const hashes = list.map(n => sha(Buffer.from([0]), text32(n.series), text32(n.scope), text32(n.number), Buffer.from(n.blinding, "hex")));
        assert.equal(treeRoot(hashes).toString("hex"), JSON.parse(chunk.body).root, `numbers of job ${chunk.job}`);
        numbers += list.length;
    }
    console.log(`as it was signed: ${digests.length} digests, ${numbers} numbers sent, ${size} events`);
} catch (error) {
    console.log(`not as it was signed: ${error.message.split("\n")[0]}`);
    process.exit(1);
}
