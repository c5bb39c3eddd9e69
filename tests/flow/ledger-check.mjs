// SPDX-License-Identifier: Apache-2.0
// ledger-check.mjs LABEL.json VKEY: the proof of a label with Node's crypto alone, written from RFC 9162 and
// the C2SP texts and not from Tem's code. Exit status 0: proved; 1 with the reason: not.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";

const sha = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafHash = data => sha(Buffer.from([0]), data);
const nodeHash = (l, r) => sha(Buffer.from([1]), l, r);

// RFC 9162 2.1.3.2, in its own letters.
function rootFromPath(hash, leafIndex, treeSize, path) {
    assert(leafIndex < treeSize, "index outside the tree");
    let fn = leafIndex, sn = treeSize - 1, r = hash;
    for (const p of path) {
        assert(sn !== 0, "path too long");
        if (fn % 2 === 1 || fn === sn) {
            r = nodeHash(p, r);
            while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
        } else
            r = nodeHash(r, p);
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
    }
    assert(sn === 0, "path too short");
    return r;
}

// base64 that has one spelling.
function exact(text) {
    const bytes = Buffer.from(text, "base64");
    assert.equal(bytes.toString("base64"), text, "base64");
    return bytes;
}

function text32(text) {
    const bytes = Buffer.from(text, "utf8"), length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
}

function openNote(note, vkey) {
    const [name, id, ...rest] = vkey.trim().split("+");
    const key = Buffer.from(rest.join("+"), "base64");
    assert.equal(key[0], 1, "no Ed25519 key");
    assert.equal(sha(Buffer.from(name + "\n"), key).subarray(0, 4).toString("hex"), id, "key id");
    const at = note.lastIndexOf("\n\n");
    const text = note.slice(0, at + 1);
    const lines = note.slice(at + 2).split("\n");
    assert(lines.length === 2 && lines[1] === "" && lines[0].startsWith(`— ${name} `), "not one signature of this key");
    const signature = exact(lines[0].slice(name.length + 3));
    assert.equal(signature.subarray(0, 4).toString("hex"), id, "signature of another key");
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(1)]);
    const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
    assert(verify(null, Buffer.from(text), publicKey, signature.subarray(4)), "signature");
    const [origin, size, root] = text.split("\n");
    assert.equal(origin, name, "origin");
    return { size: Number(size), root: Buffer.from(root, "base64") };
}

try {
    const file = readFileSync(process.argv[2], "utf8");
    const proof = JSON.parse(file);
    assert.equal(JSON.stringify(proof), file.trim(), "a member twice, or another spelling");
    assert.deepEqual(Object.keys(proof).sort(),
                     ["blinding", "event", "format", "number", "path", "scope", "series", "tlog_proof"], "members");
    assert.equal(proof.format, "tem-label-proof/2", "format");
    assert(/^[0-9a-f]{32}$/.test(proof.blinding), "blinding");
    const leaf = leafHash(Buffer.concat([text32(proof.series), text32(proof.scope), text32(proof.number),
                                         Buffer.from(proof.blinding, "hex")]));
    const event = JSON.parse(proof.event);
    const labelRoot = proof.path.reduce((hash, step) => {
        const [[side, other], ...more] = Object.entries(step);
        assert(more.length === 0 && (side === "left" || side === "right"), "path");
        return side === "left" ? nodeHash(exact(other), hash) : nodeHash(hash, exact(other));
    }, leaf);
    assert.equal(event.type, "chunk.sending", "kind of event");
    assert.equal(labelRoot.toString("hex"), event.root, "root of the labels");
    const [head, ...checkpoint] = proof.tlog_proof.split("\n\n");
    const [magic, index, ...path] = head.split("\n");
    assert.equal(magic, "c2sp.org/tlog-proof@v1", "first line");
    assert(/^index (0|[1-9]\d*)$/.test(index), "index");
    const { size, root } = openNote(checkpoint.join("\n\n"), process.argv[3]);
    const n = Number(index.slice(6));
    assert.equal(event.seq, n + 1, "the event's number");
    const top = rootFromPath(leafHash(Buffer.from(proof.event)), n, size, path.map(exact));
    assert.equal(top.toString("hex"), root.toString("hex"), "root of the ledger");
    console.log(`proved ${proof.number}`);
} catch (error) {
    console.log(`not proved: ${error.message.split("\n")[0]}`);
    process.exit(1);
}
