// What a prose text consists of, in one pass. Same counts in the same order as ../statistics.ts; words are read in
// statistics-words.ts, lines in statistics-lines.ts, what repeats is found in repetition.ts.
import { countRepeatedLines, measureNgrams } from './repetition'
import { addLine, closeLines, openLines } from './statistics-lines'
import { Tables } from './statistics-tables'
import { closeWords, keepStopWords, openWords, readWords, runEnd, runStart } from './statistics-words'

const LINE_FEED: i8 = 0x0a

/** Offsets of counts: what is counted here, and how many bytes they are together. */
const NEWLINES: usize = 28
const REPEATED_LINES: usize = 52
const NGRAMS: usize = 60
const SIZE: usize = 96

/**
 * Counts the text [text, end) into 24 u32 at `out`. `room` has place for 24 bytes for each of `most` words and lines and 64 more, then for
 * a word as it is folded and, later, for the tables of repetition.ts. False if the text is not UTF-8 or has more.
 */
export function countStatistics(text: usize, end: usize, at: usize, out: usize, room: usize, most: u32): bool {
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

/** Makes the words of [text, end) the stop words; the rest as for `countStatistics`. */
export function addStopWords(text: usize, end: usize, at: usize, out: usize, room: usize, most: u32): void {
  countStatistics(text, end, at, out, room, most)
  keepStopWords()
}

/** Goes from one run of visible bytes to the next and closes lines on the way. False if the text is not UTF-8. */
function readText(text: usize, end: usize, counts: usize): bool {
  let start: usize = 0
  let inside: u64 = 0
  let lineStart: usize = 0
  let lineEnd: usize = 0
  let newlines: u32 = 0
  // One block past the end closes a run that reaches it.
  for (let block = text; block <= end; block += 64) {
    let visible = ~spaces(block)
    let breaks = lineFeeds(block)
    if (end - block < 64) {
      const mask = (u64(1) << u64(end - block)) - 1
      visible &= mask
      breaks &= mask
    }
    let events = (visible ^ ((visible << 1) | inside)) | breaks
    inside = visible >> 63
    newlines += u32(popcnt(breaks))
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
  store<u32>(counts, newlines, NEWLINES)
  if (lineStart != 0) addLine(lineStart, lineEnd)
  return true
}

/** Bit i tells whether byte i of the 64 at `block` is white space of ASCII. */
@inline
function spaces(block: usize): u64 {
  return spaces16(block) | (spaces16(block + 16) << 16) | (spaces16(block + 32) << 32) | (spaces16(block + 48) << 48)
}

@inline
function spaces16(at: usize): u64 {
  const bytes = v128.load(at)
  return bits(v128.or(i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(9)), i8x16.splat(5)), i8x16.eq(bytes, i8x16.splat(0x20))))
}

@inline
function lineFeeds(block: usize): u64 {
  return feeds16(block) | (feeds16(block + 16) << 16) | (feeds16(block + 32) << 32) | (feeds16(block + 48) << 48)
}

@inline
function feeds16(at: usize): u64 {
  return bits(i8x16.eq(v128.load(at), i8x16.splat(LINE_FEED)))
}

@inline
function bits(lanes: v128): u64 {
  return u64(u32(i8x16.bitmask(lanes)))
}
