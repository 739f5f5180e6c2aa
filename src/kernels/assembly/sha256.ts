// SHA-256 (FIPS 180-4) of many short messages: see ../sha256.ts.

/** Bytes of the working state and of the message schedule. */
const STATE: usize = 32

/**
 * Digests of the rows of a column, each behind the same prefix: 32 bytes a row to `out`. `constants` are the 64 round constants,
 * `initial` the first state; `work` has room for state and schedule, `message` for the longest message and 72 bytes.
 */
export function digestRows(
  prefix: usize,
  prefixLength: usize,
  base: usize,
  offsets: usize,
  rows: u32,
  constants: usize,
  initial: usize,
  work: usize,
  message: usize,
  out: usize,
): void {
  memory.copy(message, prefix, prefixLength)
  for (let row: u32 = 0; row < rows; row++, offsets += 4, out += 32) {
    const start = base + load<u32>(offsets)
    const length = base + load<u32>(offsets, 4) - start
    memory.copy(message + prefixLength, start, length)
    const end = padded(message, prefixLength + length)
    memory.copy(work, initial, STATE)
    for (let block = message; block < end; block += 64) compress(work, block, constants)
    for (let i: usize = 0; i < STATE; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(work + i)))
  }
}

/** Ends a message with a bit, zeros and its length in bits; where its last block ends. */
function padded(message: usize, length: usize): usize {
  const end = (length + 9 + 63) & ~63
  memory.fill(message + length, 0, end - length)
  store<u8>(message + length, 0x80)
  store<u64>(message + end - 8, bswap<u64>(u64(length) << 3))
  return message + end
}

function compress(state: usize, block: usize, constants: usize): void {
  const schedule = state + STATE
  for (let i: usize = 0; i < 64; i += 4) store<u32>(schedule + i, bswap<u32>(load<u32>(block + i)))
  for (let i: usize = 64; i < 256; i += 4) {
    const far = load<u32>(schedule + i - 60)
    const near = load<u32>(schedule + i - 8)
    const low = rotr<u32>(far, 7) ^ rotr<u32>(far, 18) ^ (far >> 3)
    const high = rotr<u32>(near, 17) ^ rotr<u32>(near, 19) ^ (near >> 10)
    store<u32>(schedule + i, load<u32>(schedule + i - 64) + low + load<u32>(schedule + i - 28) + high)
  }
  let a = load<u32>(state)
  let b = load<u32>(state, 4)
  let c = load<u32>(state, 8)
  let d = load<u32>(state, 12)
  let e = load<u32>(state, 16)
  let f = load<u32>(state, 20)
  let g = load<u32>(state, 24)
  let h = load<u32>(state, 28)
  for (let i: usize = 0; i < 256; i += 4) {
    const first = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)
    const one = h + first + ((e & f) ^ (~e & g)) + load<u32>(constants + i) + load<u32>(schedule + i)
    const second = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)
    const two = second + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = d + one
    d = c
    c = b
    b = a
    a = one + two
  }
  store<u32>(state, load<u32>(state) + a)
  store<u32>(state, load<u32>(state, 4) + b, 4)
  store<u32>(state, load<u32>(state, 8) + c, 8)
  store<u32>(state, load<u32>(state, 12) + d, 12)
  store<u32>(state, load<u32>(state, 16) + e, 16)
  store<u32>(state, load<u32>(state, 20) + f, 20)
  store<u32>(state, load<u32>(state, 24) + g, 24)
  store<u32>(state, load<u32>(state, 28) + h, 28)
}
