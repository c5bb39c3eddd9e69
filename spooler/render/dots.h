/* SPDX-License-Identifier: Apache-2.0 */
/* dots.h: a hash for each label over the dots that it is made of, for the ledger.
 *
 * It is over composed dots: what of a label was drawn on the plate and what as a patch makes no
 * difference, nor does the program that drew it. As nearly all dots of a chunk's labels are
 * equal, they are hashed once. Of drawings 1..n, all w x h dots:
 *
 *   common  = the dots that are black on every one of them
 *   rest(i) = the dots of drawing i that are not in common
 *   rows(b) = of each row that is not as the row above it (above the first: white), top to
 *             bottom: u32be row, u16be first byte, u16be bytes, and the row's bytes from its
 *             first to its last that is not 0 (bitmap.h: eight dots a byte, the leftmost is the
 *             highest bit); of a white row 0 and 0
 *   hash(i) = SHA-256(SHA-256(u32be w || u32be h || rows(common)) || rows(rest(i)))
 *
 * rows() has one spelling for a bitmap, so equal hashes are equal dots, and the same dots of
 * the same labels give the same hashes. Pure. */
#ifndef TEM_RENDER_DOTS_H
#define TEM_RENDER_DOTS_H

#include "spooler/base/hash.h"
#include "spooler/render/render.h"

/* Hashes of all drawings, in order, into `out` (rendered->count of them). */
enum err dots_hash(const struct rendered *rendered, uint8_t (*out)[SHA256_BYTES]);
/* Drawing `index` alone, as if it were the only one: it does not depend on the others. */
enum err dots_hash_alone(const struct rendered *rendered, size_t index,
                         uint8_t out[static SHA256_BYTES]);

#endif
