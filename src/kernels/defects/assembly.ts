// Finds what texts may need repaired: see ./reference.ts, and ./classes.ts for the bits.

const ENTITIES: u32 = 1 << 0
const MOJIBAKE: u32 = 1 << 1
const INVISIBLE: u32 = 1 << 4
const TATWEEL_DEFECT: u32 = 1 << 6
const COMPOSED: u32 = 1 << 7
const DEFECTS: u32 = 0xff

const SYMBOL: u32 = 1 << 8
const OPENING: u32 = 1 << 9
const CAPITAL: u32 = 1 << 10
const MARK: u32 = 1 << 11
const FIRST: u32 = 1 << 12
const SPACED: u32 = 1 << 13
const UMLAUT: u32 = 1 << 14
const OTHER_SCRIPT: u32 = 1 << 15
const SECOND: u32 = 1 << 16
const COMPOSES: u32 = 1 << 17
const LETTER: u32 = 1 << 18
const JOINER: u32 = 1 << 19
const TATWEEL: u32 = 1 << 20
const HIGH: u32 = 1 << 21
const VE: u32 = 1 << 22
const DJE: u32 = 1 << 23
const RANK_SHIFT: u32 = 24
const HIGH_RUN: u32 = 6
const ENTITY_LETTERS: usize = 33
const ENCODINGS: u32 = 16
/** The last three characters. */
const WINDOW: u32 = 7

/** A character beyond ASCII with none of these in it or before it is a plain letter. */
const OF_CURRENT: u32 = DEFECTS | SYMBOL | MARK | SECOND | JOINER | TATWEEL | HIGH | DJE
const OF_PREVIOUS: u32 = OPENING | UMLAUT | JOINER | TATWEEL

/** Writes the defects of each row of the column at `base` to `out`, one u32 per row. */
export function defectsOfRows(
  base: usize,
  offsets: usize,
  rows: usize,
  table: usize,
  out: usize,
): void {
  for (const end = out + (rows << 2); out < end; out += 4, offsets += 4) {
    store<u32>(out, defectsIn(base + load<u32>(offsets), base + load<u32>(offsets, 4), table))
  }
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 <= 25
}

/** The first byte that is a control, an ampersand or beyond ASCII, or `end`. */
// @ts-ignore: decorator
@inline
function skipPlain(text: usize, end: usize): usize {
  for (; text < end; text += 16) {
    const bytes = v128.load(text)
    // Signed: bytes beyond ASCII are below a space too.
    const low = v128.andnot(
      i8x16.lt_s(bytes, i8x16.splat(0x20)),
      v128.or(i8x16.eq(bytes, i8x16.splat(0x09)), i8x16.eq(bytes, i8x16.splat(0x0a))),
    )
    const others = v128.or(
      i8x16.eq(bytes, i8x16.splat(0x26)),
      i8x16.eq(bytes, i8x16.splat(0x7f)),
    )
    const found = u32(i8x16.bitmask(v128.or(low, others)))
    if (found !== 0) return min(text + ctz(found), end)
  }
  return end
}

function isEntity(text: usize, end: usize): bool {
  if (text < end && load<u8>(text) === 0x23) text++
  const first = text
  while (text < end && text - first < ENTITY_LETTERS) {
    const byte: u32 = load<u8>(text)
    if (!isLetter(byte) && byte - 0x30 > 9) break
    text++
  }
  return text > first && text < end && load<u8>(text) === 0x3b
}

/** Whether a letter of ASCII or a line end stands in [text, end). */
function endsRun(text: usize, end: usize): bool {
  for (; text < end; text++) {
    const byte: u32 = load<u8>(text)
    if (isLetter(byte) || byte === 0x0a) return true
  }
  return false
}

// @ts-ignore: decorator
@inline
function strange(before: u32, beforeCode: u32, previous: u32, bits: u32): bool {
  return (
    (bits & SYMBOL) !== 0 ||
    (previous & OPENING) !== 0 ||
    ((previous & CAPITAL) !== 0 && (bits & MARK) !== 0) ||
    ((previous & VE) !== 0 && (bits & DJE) !== 0) ||
    (before & FIRST) !== 0 ||
    (beforeCode - 0x61 <= 25 && (previous & UMLAUT) !== 0)
  )
}

function composition(previous: u32, bits: u32): u32 {
  const last = previous >> RANK_SHIFT
  const rank = bits >> RANK_SHIFT
  const composes = (bits & SECOND) !== 0 && ((previous & COMPOSES) !== 0 || last > 0)
  return composes || (rank > 0 && last > rank) ? COMPOSED : 0
}

function join(before: u32, beforeCode: u32, previous: u32, previousCode: u32, bits: u32): u32 {
  const letter = (bits & LETTER) !== 0
  if (previous & TATWEEL) return letter || (bits & TATWEEL) !== 0 ? TATWEEL_DEFECT : 0
  if ((previous & JOINER) === 0) return 0
  if ((bits & JOINER) !== 0 || (before & LETTER) === 0) return INVISIBLE
  if (beforeCode - 0x0900 < 0x0500) return 0
  return letter && (previousCode === 0x200c || beforeCode - 0x0620 < 0x01e0) ? 0 : INVISIBLE
}

function ofPlane(code: u32): u32 {
  if (code >= 0xe0000) return INVISIBLE
  const combines = code < 0x1d200 || (code >= 0x1e000 && code < 0x1f000) || code >= 0x2f800
  return combines ? COMPOSED : 0
}

function defectsIn(text: usize, end: usize, table: usize): u32 {
  let found: u32 = 0
  let before: u32 = 0
  let beforeCode: u32 = 0
  let previous: u32 = 0
  let previousCode: u32 = 0
  let previousBytes: u32 = 0
  let high: u32 = 0
  // A bit for each of the last characters, the lowest for the current one.
  let stranges: u32 = 0
  let pairs: u32 = 0
  while (text < end) {
    let code: u32 = load<u8>(text)
    if (code < 0x80) {
      const bits = load<u32>(table + (usize(code) << 3))
      found |= bits & DEFECTS
      if (previousCode >= 0x80) {
        const isStrange =
          ((previous & OTHER_SCRIPT) !== 0 && isLetter(code)) ||
          ((previous & SPACED) !== 0 && code === 0x20)
        const bytes = load<u32>(table + (usize(code) << 3), 4)
        stranges = ((stranges << 1) | u32(isStrange)) & WINDOW
        pairs = ((pairs << 1) | u32((previousBytes & (bytes >> ENCODINGS)) !== 0)) & WINDOW
        if (stranges !== 0 && pairs !== 0) found |= MOJIBAKE
        if (previous & (JOINER | TATWEEL)) {
          found |= join(before, beforeCode, previous, previousCode, bits)
        }
      }
      if (code === 0x26 && isEntity(text + 1, end)) found |= ENTITIES
      // Most often a space between two words of another script.
      const isAlone = text + 1 < end && load<u8>(text, 1) >= 0x80
      const next = isAlone ? text + 1 : skipPlain(text + 1, end)
      if (high !== 0 && endsRun(text, next)) high = 0
      if (next === text + 1) {
        before = previous
        beforeCode = previousCode
        previous = bits
        previousCode = code
      } else {
        beforeCode = load<u8>(next - 2)
        before = load<u32>(table + (usize(beforeCode) << 3))
        // Nothing of ASCII is strange but beside what is not.
        const passed = u32(min(next - text - 1, 31))
        stranges = (stranges << passed) & WINDOW
        pairs = (pairs << passed) & WINDOW
        previousCode = load<u8>(next - 1)
        previous = load<u32>(table + (usize(previousCode) << 3))
      }
      previousBytes = 0
      text = next
      continue
    }
    if (code < 0xe0) {
      code = ((code & 0x1f) << 6) | (load<u8>(text, 1) & 0x3f)
      text += 2
    } else if (code < 0xf0) {
      code =
        ((code & 0x0f) << 12) |
        (u32(load<u8>(text, 1) & 0x3f) << 6) |
        (load<u8>(text, 2) & 0x3f)
      text += 3
    } else {
      code =
        ((code & 0x07) << 18) |
        (u32(load<u8>(text, 1) & 0x3f) << 12) |
        (u32(load<u8>(text, 2) & 0x3f) << 6) |
        (load<u8>(text, 3) & 0x3f)
      text += 4
      found |= ofPlane(code)
      const isStrange = previousCode >= 0x80 && strange(before, beforeCode, previous, 0)
      stranges = ((stranges << 1) | u32(isStrange)) & WINDOW
      pairs = (pairs << 1) & WINDOW
      if (stranges !== 0 && pairs !== 0) found |= MOJIBAKE
      found |= join(before, beforeCode, previous, previousCode, 0)
      before = previous
      beforeCode = previousCode
      previous = 0
      previousCode = code
      previousBytes = 0
    }
    const entry = table + (usize(code) << 3)
    const bits = code > 0xffff ? 0 : load<u32>(entry)
    const bytes = code > 0xffff ? 0 : load<u32>(entry, 4)
    let isStrange = false
    if (previousCode < 0x80) {
      isStrange = (bits & OTHER_SCRIPT) !== 0 && isLetter(previousCode)
      if (bits & SECOND) found |= composition(previous, bits)
    } else if (
      (bits & OF_CURRENT) !== 0 ||
      bits >> RANK_SHIFT !== 0 ||
      (previous & OF_PREVIOUS) !== 0 ||
      (before & FIRST) !== 0
    ) {
      isStrange = strange(before, beforeCode, previous, bits)
      found |= composition(previous, bits) | join(before, beforeCode, previous, previousCode, bits)
    }
    found |= bits & DEFECTS
    if (bits & HIGH && ++high >= HIGH_RUN) found |= MOJIBAKE
    stranges = ((stranges << 1) | u32(isStrange)) & WINDOW
    pairs = ((pairs << 1) | u32((previousBytes & (bytes >> ENCODINGS)) !== 0)) & WINDOW
    if (stranges !== 0 && pairs !== 0) found |= MOJIBAKE
    before = previous
    beforeCode = previousCode
    previous = bits
    previousCode = code
    previousBytes = bytes
  }
  return previous & JOINER ? found | INVISIBLE : found
}
