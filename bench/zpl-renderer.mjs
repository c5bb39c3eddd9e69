// SPDX-License-Identifier: Apache-2.0
//
// How many medicine labels zpl-renderer-js draws a second from native ZPL: text by ^A0, DataMatrix by
// ^BX, a picture each, as for a preview. It has no Vietnamese glyphs in font 0; that makes it no slower.
//
//   node zpl-renderer.mjs FOLDER_OF_MODULES LABELS

import { createRequire } from 'node:module';

const [modules, countText] = process.argv.slice(2);
const count = Number(countText);
const require = createRequire(modules);
const { ready } = require('zpl-renderer-js');

function label(serial) {
  const texts = [[16, 24, 30, 'Vien nen Paracetamol 500 mg'], [16, 56, 21, 'Cong ty Co phan Duoc pham Vi Du'],
    [16, 100, 20, 'GTIN'], [16, 130, 20, 'So lo'], [16, 160, 20, 'HSD'], [16, 190, 20, 'Se-ri'],
    [80, 100, 22, '09520123456788'], [80, 130, 22, 'L2403A'], [80, 160, 22, '31/03/2028'], [80, 190, 22, serial]];
  const fields = texts.map(([x, y, size, text]) => `^FO${x},${y}^A0N,${size}^FD${text}^FS`).join('');
  return `^XA^PW400^LL240${fields}^FO16,82^GB368,2,2^FS`
    + `^FO288,90^BXN,4,200,,,,_^FD_10109520123456788172803311010L2403A_121${serial}^FS^XZ`;
}

async function main() {
  const { api } = await ready;
  const draw = (i) => api.zplToBase64MultipleAsync(label(`7K3QF9${1000 + i}`), 50, 30, 8);
  await draw(0); // not measured: fonts are loaded
  const start = process.cpuUsage();
  for (let i = 1; i <= count; i++) {
    const pages = await draw(i);
    if (pages.length !== 1) throw new Error(`drew ${pages.length} labels, want 1`);
  }
  const used = process.cpuUsage(start);
  console.log(JSON.stringify({
    row: 'medicine, labels to pictures, one core',
    value: Math.round(count / ((used.user + used.system) / 1e6)),
    unit: 'labels/s',
    who: 'zpl-renderer-js',
  }));
}

// Its runtime keeps Node alive: leave by hand, also on failure.
main().then(() => process.exit(0), (error) => {
  console.error(error.message ?? error);
  process.exit(1);
});
