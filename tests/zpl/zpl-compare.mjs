// SPDX-License-Identifier: Apache-2.0
//
// Draws ZPL with zpl-renderer-js, which nobody here wrote, and compares dot for dot.
//
//   node zpl-compare.mjs LABEL.zpl WIDTH_DOTS HEIGHT_DOTS OUR.png
//
// Prints `N dots differ`. Exit: 0 none, 1 some, 2 cannot tell, 77 modules are missing (skipped).
// The renderer is blind to ^PQ, ^POI and the Z64 CRC, and knows no :B64:.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const DOTS_PER_MM = 8;

// Node 18 has no global crypto, which the renderer's Go runtime wants: start again with it.
if (globalThis.crypto === undefined) {
  const flag = '--experimental-global-webcrypto';
  if (process.execArgv.includes(flag)) {
    console.error('this Node has no web crypto');
    process.exit(77);
  }
  const again = [flag, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  process.exit(spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? 2);
}

const [zplPath, widthText, heightText, ourPath] = process.argv.slice(2);
const width = Number(widthText);
const height = Number(heightText);
if (!ourPath || !Number.isInteger(width) || !Number.isInteger(height)) {
  console.error('usage: node zpl-compare.mjs LABEL.zpl WIDTH_DOTS HEIGHT_DOTS OUR.png');
  process.exit(2);
}

// require, not import: under Node 18 the renderer's ES module does not load.
function load() {
  const require = createRequire(import.meta.url);
  try {
    return { renderer: require('zpl-renderer-js'), PNG: require('pngjs').PNG };
  } catch (error) {
    console.error(`skipped: ${error.message.split('\n')[0]}; run npm ci in tests/zpl`);
    process.exit(77);
  }
}

const isBlack = (png, x, y) => png.data[(y * png.width + x) * 4] < 128;

function countDifferences(a, b) {
  let count = 0;
  let first = '';
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (isBlack(a, x, y) === isBlack(b, x, y)) continue;
      if (count++ === 0) first = `, the first at ${x},${y}`;
    }
  }
  return { count, first };
}

async function main() {
  const { renderer, PNG } = load();
  const { api } = await renderer.ready;
  // latin1 keeps one character a byte; the formats compared here are ASCII.
  const zpl = readFileSync(zplPath, 'latin1');
  const pages = await api.zplToBase64MultipleAsync(zpl, width / DOTS_PER_MM, height / DOTS_PER_MM,
    DOTS_PER_MM);
  if (pages.length !== 1) throw new Error(`the renderer drew ${pages.length} labels, want 1`);
  const theirs = PNG.sync.read(Buffer.from(pages[0], 'base64'));
  const ours = PNG.sync.read(readFileSync(ourPath));
  for (const [name, png] of [['ours', ours], ['theirs', theirs]])
    if (png.width !== width || png.height !== height)
      throw new Error(`${name} is ${png.width} x ${png.height}, want ${width} x ${height}`);
  const { count, first } = countDifferences(theirs, ours);
  console.log(`${count} dots differ${first}`);
  return count > 0 ? 1 : 0;
}

// The renderer's runtime keeps Node alive: leave by hand, also on failure.
main().then(
  (status) => process.exit(status),
  (error) => {
    console.error(error.message ?? error);
    process.exit(2);
  },
);
