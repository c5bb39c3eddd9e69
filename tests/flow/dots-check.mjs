// SPDX-License-Identifier: Apache-2.0
// dots-check.mjs KEYFILE PICTURE... <EVENT: pictures of what the printer drew, label by label, against `dots`
// in the event that sent these labels. Written from docs/ledger.md and the RFCs with Node's crypto and zlib
// alone, and not from Tem's code. Exit status 0: the same; 1 with the reason: not.
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import assert from "node:assert/strict";

const sha = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();

// PNG, grey, 1 or 8 bits a pixel, not interlaced (W3C): black[y][x].
function readPng(path) {
    const file = readFileSync(path), data = [];
    assert.equal(file.subarray(1, 4).toString(), "PNG");
    let width, height, depth;
    for (let at = 8; at < file.length;) {
        const size = file.readUInt32BE(at), type = file.toString("latin1", at + 4, at + 8);
        const body = file.subarray(at + 8, at + 8 + size);
        if (type === "IHDR") {
            width = body.readUInt32BE(0);
            height = body.readUInt32BE(4);
            depth = body[8];
            assert(body[9] === 0 && (depth === 1 || depth === 8) && body[12] === 0, "kind of PNG");
        } else if (type === "IDAT")
            data.push(body);
        at += 12 + size;
    }
    const raw = inflateSync(Buffer.concat(data)), stride = Math.ceil(width * depth / 8);
    const black = [];
    let above = Buffer.alloc(stride);
    for (let y = 0; y < height; y++) {
        const filter = raw[y * (stride + 1)];
        const row = Buffer.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
        for (let i = 0; i < stride; i++) {
            const a = i ? row[i - 1] : 0, b = above[i], c = i ? above[i - 1] : 0;
            const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
            const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
            row[i] = (row[i] + [0, a, b, (a + b) >> 1, paeth][filter]) & 255;
        }
        black.push(Array.from({ length: width }, (_, x) =>
            depth === 8 ? row[x] < 128 : !(row[x >> 3] >> (7 - x % 8) & 1)));
        above = row;
    }
    return black;
}

function bytesOf(row) {
    const bytes = new Array(Math.ceil(row.length / 8)).fill(0);
    row.forEach((dot, x) => { if (dot) bytes[x >> 3] |= 0x80 >> x % 8; });
    return bytes;
}

// Each row that is not as the one above: u32be row, u16be first byte, u16be bytes, and the bytes.
function rows(black) {
    const out = [];
    let above = bytesOf(black[0].map(() => false));
    black.forEach((row, y) => {
        const bytes = bytesOf(row);
        if (!bytes.every((byte, i) => byte === above[i])) {
            const first = bytes.findIndex(byte => byte), last = bytes.findLastIndex(byte => byte);
            const head = Buffer.alloc(8), ink = first < 0 ? [] : bytes.slice(first, last + 1);
            head.writeUInt32BE(y, 0);
            head.writeUInt16BE(first < 0 ? 0 : first, 4);
            head.writeUInt16BE(ink.length, 6);
            out.push(head, Buffer.from(ink));
        }
        above = bytes;
    });
    return Buffer.concat(out);
}

const mth = leaves => { // RFC 6962, 2.1
    if (leaves.length === 1)
        return sha(Buffer.from([0]), leaves[0]);
    let k = 1;
    while (2 * k < leaves.length) k *= 2;
    return sha(Buffer.from([1]), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
};

try {
    const key = Buffer.from(readFileSync(process.argv[2], "utf8").trim(), "hex");
    const event = JSON.parse(readFileSync(0, "utf8"));
    const drawings = process.argv.slice(3).map(readPng);
    const w = drawings[0][0].length, h = drawings[0].length;
    assert(drawings.every(d => d.length === h && d[0].length === w), "pictures of one size");
    const common = drawings[0].map((row, y) => row.map((_, x) => drawings.every(d => d[y][x])));
    const size = Buffer.alloc(8);
    size.writeUInt32BE(w, 0);
    size.writeUInt32BE(h, 4);
    const head = sha(size, rows(common));
    const leaves = drawings.map(d => {
        const hash = sha(head, rows(d.map((row, y) => row.map((dot, x) => dot && !common[y][x]))));
        const mac = createHmac("sha256", key).update("tem dots").update(hash).digest();
        return Buffer.concat([hash, mac.subarray(0, 16)]);
    });
    assert.equal(event.type, "chunk.sending", "kind of event");
    assert.equal(leaves.length, event.changes.reduce((n, c) => n + c.last - c.first + 1, 0), "labels");
    assert.equal(mth(leaves).toString("hex"), event.dots, "root over the dots");
    console.log(`the same: ${leaves.length} labels of ${w} x ${h} dots`);
} catch (error) {
    console.log(`not the same: ${error.message.split("\n")[0]}`);
    process.exit(1);
}
