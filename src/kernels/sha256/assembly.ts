// SHA-256 (FIPS 180-4) of many short messages, four side by side: see ./sha256.ts.

/** Messages that are hashed side by side. */
const LANES: usize = 4
/**
 * Layout of `work`: the states (STATE bytes), then the message schedules, then the number of blocks
 * of each message.
 */
const STATE: usize = 8 * 16
const BLOCKS_AT: usize = STATE + 64 * 16

/**
 * Writes the digests of the rows of a column, each prefixed with the same bytes: 32 bytes per row
 * to `out`. `constants` are the 64 round constants, `initial` is the first state. `work` has room
 * for BLOCKS_AT + 16 bytes, `messages` for four times `stride` bytes, where `stride` is the longest
 * message plus 72.
 */
export function digestRows(
  prefix: usize,
  prefixLength: usize,
  base: usize,
  offsets: usize,
  rows: usize,
  constants: usize,
  initial: usize,
  work: usize,
  messages: usize,
  stride: usize,
  out: usize,
): void {
  for (let lane: usize = 0; lane < LANES; lane++)
    memory.copy(messages + lane * stride, prefix, prefixLength)
  for (let row: usize = 0; row < rows; row += LANES, offsets += 4 * LANES) {
    const count = min(LANES, rows - row)
    let most: u32 = 0
    for (let lane: usize = 0; lane < LANES; lane++) {
      let blocks: u32 = 0
      if (lane < count) {
        const start = load<u32>(offsets + 4 * lane)
        const length = load<u32>(offsets + 4 * lane, 4) - start
        const message = messages + lane * stride
        memory.copy(message + prefixLength, base + start, length)
        blocks = padded(message, prefixLength + length)
      }
      store<u32>(work + BLOCKS_AT + 4 * lane, blocks)
      most = max(most, blocks)
    }
    for (let word: usize = 0; word < 8; word++)
      v128.store(work + 16 * word, v128.load32_splat(initial + 4 * word))
    for (let block: u32 = 0; block < most; block++) {
      const going = i32x4.gt_u(v128.load(work + BLOCKS_AT), i32x4.splat(block))
      compress(work, messages + 64 * block, stride, constants, going)
    }
    for (let lane: usize = 0; lane < count; lane++, out += 32) {
      for (let word: usize = 0; word < 8; word++) {
        store<u32>(out + 4 * word, bswap<u32>(load<u32>(work + 16 * word + 4 * lane)))
      }
    }
  }
}

/** Pads a message with a bit, zeros and its length in bits. Returns its number of blocks. */
function padded(message: usize, length: usize): u32 {
  const end = (length + 9 + 63) & ~63
  memory.fill(message + length, 0, end - length)
  store<u8>(message + length, 0x80)
  store<u64>(message + end - 8, bswap<u64>(u64(length) << 3))
  return u32(end >> 6)
}

/** Four big-endian words of a message. */
@inline
function words(at: usize): v128 {
  return i8x16.shuffle(
    v128.load(at),
    v128.load(at),
    3,
    2,
    1,
    0,
    7,
    6,
    5,
    4,
    11,
    10,
    9,
    8,
    15,
    14,
    13,
    12,
  )
}

@inline
function rotated(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits))
}

/** Processes one block of each message. Messages that are over keep their state. */
function compress(state: usize, block: usize, stride: usize, constants: usize, going: v128): void {
  const schedule = state + STATE
  for (let i: usize = 0; i < 16; i += 4) {
    const first = words(block + 4 * i)
    const second = words(block + stride + 4 * i)
    const third = words(block + 2 * stride + 4 * i)
    const fourth = words(block + 3 * stride + 4 * i)
    const low = v128.shuffle<i32>(first, second, 0, 4, 1, 5)
    const high = v128.shuffle<i32>(third, fourth, 0, 4, 1, 5)
    v128.store(schedule + 16 * i, v128.shuffle<i64>(low, high, 0, 2))
    v128.store(schedule + 16 * i, v128.shuffle<i64>(low, high, 1, 3), 16)
    const later = v128.shuffle<i32>(first, second, 2, 6, 3, 7)
    const last = v128.shuffle<i32>(third, fourth, 2, 6, 3, 7)
    v128.store(schedule + 16 * i, v128.shuffle<i64>(later, last, 0, 2), 32)
    v128.store(schedule + 16 * i, v128.shuffle<i64>(later, last, 1, 3), 48)
  }
  for (let i = schedule + 16 * 16; i < schedule + 64 * 16; i += 16) {
    const far = v128.load(i - 15 * 16)
    const near = v128.load(i - 2 * 16)
    const low = v128.xor(v128.xor(rotated(far, 7), rotated(far, 18)), i32x4.shr_u(far, 3))
    const high = v128.xor(v128.xor(rotated(near, 17), rotated(near, 19)), i32x4.shr_u(near, 10))
    v128.store(
      i,
      i32x4.add(i32x4.add(v128.load(i - 16 * 16), low), i32x4.add(v128.load(i - 7 * 16), high)),
    )
  }
  let a = v128.load(state)
  let b = v128.load(state, 16)
  let c = v128.load(state, 32)
  let d = v128.load(state, 48)
  let e = v128.load(state, 64)
  let f = v128.load(state, 80)
  let g = v128.load(state, 96)
  let h = v128.load(state, 112)
  for (let i: usize = 0; i < 64; i++) {
    const turns = v128.xor(v128.xor(rotated(e, 6), rotated(e, 11)), rotated(e, 25))
    const added = i32x4.add(v128.load32_splat(constants + 4 * i), v128.load(schedule + 16 * i))
    const one = i32x4.add(i32x4.add(h, turns), i32x4.add(v128.bitselect(f, g, e), added))
    const others = v128.xor(v128.xor(rotated(a, 2), rotated(a, 13)), rotated(a, 22))
    const two = i32x4.add(others, v128.bitselect(v128.or(b, c), v128.and(b, c), a))
    h = g
    g = f
    f = e
    e = i32x4.add(d, one)
    d = c
    c = b
    b = a
    a = i32x4.add(one, two)
  }
  keep(state, a, going)
  keep(state + 16, b, going)
  keep(state + 32, c, going)
  keep(state + 48, d, going)
  keep(state + 64, e, going)
  keep(state + 80, f, going)
  keep(state + 96, g, going)
  keep(state + 112, h, going)
}

@inline
function keep(at: usize, change: v128, going: v128): void {
  v128.store(at, i32x4.add(v128.load(at), v128.and(change, going)))
}
