// Band and signature records of documents: see ./bands.ts, the reference.
import { mix32 } from '../fold/assembly'

const NO_RANK: u32 = 0xffffffff
const PRIME_A: u32 = 0x01000193
const PRIME_B: u32 = 0x5bd1e995

/**
 * For each document that has a rank and shingles, writes a signature record (rank, shingles, one
 * byte per lane, padded to a multiple of four bytes) and its band records (64 bits of hash, rank).
 * Writes up to 15 bytes more. Returns the number of these documents.
 */
export function writeBands(
  sketches: usize,
  ranks: usize,
  scopes: usize,
  documents: u32,
  stride: usize,
  countAt: usize,
  lanesAt: usize,
  lanes: usize,
  bands: u32,
  rows: usize,
  signatures: usize,
  records: usize,
): u32 {
  const width: usize = 8 + ((lanes + 3) & ~usize(3))
  let written: u32 = 0
  for (
    const end = ranks + (usize(documents) << 2);
    ranks < end;
    ranks += 4, scopes += 4, sketches += stride
  ) {
    const rank = load<u32>(ranks)
    const shingles = load<u32>(sketches + countAt)
    if (rank == NO_RANK || shingles == 0) continue
    store<u32>(signatures, rank)
    store<u32>(signatures, shingles, 4)
    packLanes(sketches + lanesAt, lanes, signatures + 8)
    let at = sketches + lanesAt
    for (let band: u32 = 1; band <= bands; band++, at += 2 * rows, records += 12) {
      hashBand(at, at + 2 * rows, load<u32>(scopes) ^ band, records)
      store<u32>(records, rank, 8)
    }
    signatures += width
    written++
  }
  return written
}

/** Packs the lower byte of each lane. The bytes that pad the last word are zero. */
@inline
function packLanes(at: usize, lanes: usize, out: usize): void {
  const low = i16x8.splat(0xff)
  for (let i: usize = 0; i < lanes; i += 16) {
    const first = v128.and(v128.load(at + 2 * i), low)
    const second = v128.and(v128.load(at + 2 * i, 16), low)
    v128.store(out + i, i8x16.narrow_i16x8_u(first, second))
  }
  for (let i = lanes; i & 3; i++) store<u8>(out + i, 0)
}

@inline
function hashBand(at: usize, end: usize, seed: u32, out: usize): void {
  let a = mix32(seed)
  let b = mix32(a ^ PRIME_B)
  for (; at < end; at += 2) {
    const lane = u32(load<u16>(at))
    a = (a ^ lane) * PRIME_A
    b = (rotl<u32>(b, 7) ^ lane) * PRIME_B
  }
  store<u32>(out, mix32(a ^ b))
  store<u32>(out, mix32(b), 4)
}
