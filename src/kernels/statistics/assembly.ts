// Counts what a prose text consists of in one pass. Same counts in the same order as
// ./reference.ts. assembly-words.ts reads words, assembly-lines.ts reads lines, and
// assembly-repetition.ts finds what repeats.
import { countRepeatedLines, measureNgrams } from './assembly-repetition'
import { addLine, closeLines, openLines } from './assembly-lines'
import { Tables } from './assembly-tables'
import { closeWords, keepStopWords, openWords, readWords, runEnd, runStart } from './assembly-words'

const LINE_FEED: i8 = 0x0a
const HASH: i8 = 0x23
const FULL_STOP: i8 = 0x2e

/** Offsets of the counts that this file writes, and the size of all counts in bytes. */
const TOKENS: usize = 0
const SYMBOLS: usize = 24
const REPEATED_LINES: usize = 52
const NGRAMS: usize = 60
const SIZE: usize = 104

/**
 * Counts the text [text, end) into 26 u32 at `out`. `room` has space for 24 bytes for each of
 * `most` words and lines and 64 more, then for one folded word and, later, for the tables of
 * assembly-repetition.ts. Returns false if the text is not UTF-8 or has more words or lines than
 * `most`.
 */
export function countStatistics(
  text: usize,
  end: usize,
  at: usize,
  out: usize,
  room: usize,
  most: u32,
): bool {
  const tables = changetype<Tables>(at)
  const wordHashes = room
  const lineHashes = wordHashes + (usize(most) << 3)
  const wordEnds = lineHashes + (usize(most) << 3)
  const lineLengths = wordEnds + (usize(most) + 1 << 2)
  const rest = lineLengths + (usize(most) << 2)
  memory.fill(out, 0, SIZE)
  openWords(tables, out, wordHashes, wordEnds, rest, most)
  openLines(tables, end, out, lineHashes, lineLengths, most)
  const isText = readText(text, end, out)
  const words = closeWords()
  const lines = closeLines()
  if (!isText || words > most || lines > most) return false
  countRepeatedLines(lineHashes, lineLengths, lines, out + REPEATED_LINES, rest)
  measureNgrams(wordHashes, wordEnds, words, out + NGRAMS, rest)
  return true
}

/** Makes the words of [text, end) the stop words. Parameters as for `countStatistics`. */
export function addStopWords(
  text: usize,
  end: usize,
  at: usize,
  out: usize,
  room: usize,
  most: u32,
): void {
  countStatistics(text, end, at, out, room, most)
  keepStopWords()
}

/**
 * Reads one run of visible bytes after another and ends lines between them. Returns false if the
 * text is not UTF-8.
 */
function readText(text: usize, end: usize, counts: usize): bool {
  let start: usize = 0
  let inside: u64 = 0
  let lineStart: usize = 0
  let lineEnd: usize = 0
  let runs: u32 = 0
  let symbols: u32 = 0
  stops = 0
  // One more block closes a run that reaches the end.
  for (let block = text; block <= end; block += 64) {
    const mask = end - block < 64 ? (u64(1) << u64(end - block)) - 1 : ~u64(0)
    const visible = ~spaces(block) & mask
    const breaks = bytesLike(block, LINE_FEED) & mask
    symbols +=
      u32(popcnt(bytesLike(block, HASH) & mask)) + ellipses(bytesLike(block, FULL_STOP) & mask)
    const edges = visible ^ ((visible << 1) | inside)
    runs += u32(popcnt(edges & visible))
    let events = edges | breaks
    inside = visible >> 63
    while (events != 0) {
      const bit = ctz(events)
      const at = block + usize(bit)
      events &= events - 1
      if (start != 0) {
        if (!readWords(start, at)) return false
        start = 0
        if (runStart != 0) {
          if (lineStart == 0) lineStart = runStart
          lineEnd = runEnd
        }
      } else if (((breaks >> bit) & 1) == 0) start = at
      if ((breaks >> bit) & 1 && lineStart != 0) {
        addLine(lineStart, lineEnd)
        lineStart = 0
      }
    }
  }
  addTo(counts + TOKENS, runs)
  addTo(counts + SYMBOLS, symbols)
  if (lineStart != 0) addLine(lineStart, lineEnd)
  return true
}

@inline
function addTo(count: usize, value: u32): void {
  store<u32>(count, load<u32>(count) + value)
}

/** Full stops in a row at the end of the last block, without those that were already counted. */
let stops: u32 = 0

/**
 * How many times three full stops stand in a row; `bits` marks the full stops in the next 64 bytes.
 */
@inline
function ellipses(bits: u64): u32 {
  if (bits & ((bits << 1) | u64(stops != 0))) return ellipsesOf(bits)
  stops = u32(bits >> 63)
  return 0
}

function ellipsesOf(bits: u64): u32 {
  let found: u32 = 0
  for (let i = 0; i < 64; i++) {
    stops = (bits >> i) & 1 ? stops + 1 : 0
    if (stops < 3) continue
    found++
    stops = 0
  }
  return found
}

/** Bit i is set if byte i of the 64 at `block` is ASCII white space. */
@inline
function spaces(block: usize): u64 {
  return (
    spaces16(block) |
    (spaces16(block + 16) << 16) |
    (spaces16(block + 32) << 32) |
    (spaces16(block + 48) << 48)
  )
}

@inline
function spaces16(at: usize): u64 {
  const bytes = v128.load(at)
  return bits(
    v128.or(
      i8x16.le_u(i8x16.sub(bytes, i8x16.splat(9)), i8x16.splat(4)),
      i8x16.eq(bytes, i8x16.splat(0x20)),
    ),
  )
}

/** Bit i is set if byte i of the 64 at `block` equals `byte`. */
@inline
function bytesLike(block: usize, byte: i8): u64 {
  return (
    like16(block, byte) |
    (like16(block + 16, byte) << 16) |
    (like16(block + 32, byte) << 32) |
    (like16(block + 48, byte) << 48)
  )
}

@inline
function like16(at: usize, byte: i8): u64 {
  return bits(i8x16.eq(v128.load(at), i8x16.splat(byte)))
}

@inline
function bits(lanes: v128): u64 {
  return u64(u32(i8x16.bitmask(lanes)))
}
