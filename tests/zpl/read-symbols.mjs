// SPDX-License-Identifier: Apache-2.0
//
// Reads one symbol an image with zxing-wasm, which nobody here wrote.
//
//   node read-symbols.mjs A.png B.png ...
//
// A line an image: FORMAT IDENTIFIER LEVEL VERSION HEX, "-" for what there is not; HEX are the bytes that
// a scanner would send behind the identifier, in which 1d separates AIs. An image without a symbol
// is a line "none". Exit: 0, or 77 when the module is missing (skipped).

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
let reader;
let wasmBinary;
try {
  reader = require('zxing-wasm/reader');
  wasmBinary = readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm')).buffer;
} catch {
  console.error('zxing-wasm is missing: npm ci in tests/zpl');
  process.exit(77);
}
// Else it would be fetched from the net.
reader.prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });

for (const file of process.argv.slice(2)) {
  const found = await reader.readBarcodes(readFileSync(file), {
    tryHarder: true,
    tryDownscale: false,
    eanAddOnSymbol: 'Read',
    maxNumberOfSymbols: 1,
  });
  const symbol = found.find((one) => one.isValid);
  const field = (value) => String(value || '-').replace(/\s/g, '_');
  if (symbol)
    console.log(field(symbol.format), field(symbol.symbologyIdentifier), field(symbol.ecLevel),
                field(symbol.version), Buffer.from(symbol.bytes).toString('hex') || '-');
  else
    console.log('none');
}
process.exit(0);
