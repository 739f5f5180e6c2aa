// Finds the lines that contain candidates: see ./candidate-lines.ts.

const LINE_BYTES: usize = 24

/**
 * Writes the lines of `count` candidates and returns how many there are. `positions` (u32,
 * ascending) and `kinds` (u16) are those of the candidates, which are numbered from `number` on.
 * The first of `lines` (6 × u32) is the line before, which may continue; new lines are written
 * after it. `offsets` (i32) says where rows end, `signs` (u8) which bits a kind sets. Positions
 * count from `base`.
 */
export function candidateLines(
  base: usize, offsets: usize, positions: usize, kinds: usize, number: u32, count: u32,
  signs: usize, lines: usize,
): u32 {
  let row = offsets
  let line = lines
  let end = load<u32>(line + 4)
  for (let i: u32 = 0; i < count; i++) {
    const at = load<u32>(positions + (usize(i) << 2))
    const sign: u32 = load<u8>(signs + usize(load<u16>(kinds + (usize(i) << 1))))
    if (at < end) {
      store<u32>(line + 12, load<u32>(line + 12) | sign)
      continue
    }
    while (load<u32>(row + 4) <= at) row += 4
    const from = load<u32>(row)
    const start = lineStart(base + at, base + (from > end ? from : end))
    const stop = lineEnd(base + at, base + load<u32>(row + 4))
    end = u32(stop - base)
    line += LINE_BYTES
    store<u32>(line, u32(start - base))
    store<u32>(line + 4, end)
    store<u32>(line + 8, number + i)
    store<u32>(line + 12, sign)
    store<u64>(line + 16, headOf(start, stop))
  }
  return u32((line - lines) / LINE_BYTES)
}

/** Eight bytes from the first that is not a blank, padded with zeros after `end`. */
// @ts-ignore: decorator
@inline
function headOf(start: usize, end: usize): u64 {
  let at = start
  while (at < end && (load<u8>(at) == 0x20 || <u32>load<u8>(at) - 9 < 5)) at++
  if (end - at >= 8) return load<u64>(at)
  return end == at ? 0 : load<u64>(at) & ((<u64>1 << (u64(end - at) << 3)) - 1)
}

/** Position after the last line break of [from, at), or `from` if there is none. */
function lineStart(at: usize, from: usize): usize {
  while (at >= from + 16) {
    const breaks = breaksAt(at - 16)
    if (breaks != 0) return at + 16 - usize(clz(breaks))
    at -= 16
  }
  while (at > from && load<u8>(at - 1) != 0x0a) at--
  return at
}

/** Position after the first line break of [at, end), or `end` if there is none. */
function lineEnd(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const breaks = breaksAt(at)
    if (breaks == 0) continue
    const behind = at + usize(ctz(breaks)) + 1
    return behind < end ? behind : end
  }
  return end
}

// @ts-ignore: decorator
@inline
function breaksAt(at: usize): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)))
}
