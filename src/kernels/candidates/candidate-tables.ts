// The look-up tables of the kernel that scans for candidates, built once for the wanted fragments,
// marks and numbers.

/** Lowers an ASCII letter; other bytes stay as they are. */
export const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)

/** The three bytes from `at` in lower case, as one number. */
export const keyOf = (bytes: Uint8Array, at: number): number =>
  lower(bytes[at]!) | (lower(bytes[at + 1]!) << 8) | (lower(bytes[at + 2]!) << 16)

/** Offsets in the kernel's table, in bytes. The same numbers are in ./assembly.ts. */
const LAYOUT = {
  wide: 160,
  markCount: 320,
  marks: 321,
  numbers: 323,
  passes: 324,
  groups: 325,
  inside: 326,
  longStarts: 384,
  starts: 384 + 8192,
  slots: 384 + 2 * 8192,
  slotCount: 4096,
  records: 384 + 3 * 8192,
  record: 40,
  head: 8,
  headMask: 16,
  bytes: 24,
} as const

/**
 * Packs nibble tables of the buckets of each group of fragments, the marks, bitmaps of the first
 * bytes of the fragments, and a hash table from their first four bytes to a chain of records.
 * `inside` says that a fragment may start inside a cluster of digits.
 */
export function packTables({ fragments, marks, numbers }: Wanted, inside: boolean): Uint8Array {
  const tables = new Uint8Array(LAYOUT.records + fragments.length * LAYOUT.record)
  const view = new DataView(tables.buffer)
  tables[LAYOUT.markCount] = marks.length
  tables.set(marks, LAYOUT.marks)
  tables[LAYOUT.numbers] = numbers ? 1 : 0
  tables[LAYOUT.inside] = inside ? 1 : 0
  tables[LAYOUT.passes] = 1
  const wide = fragments.filter(({ bytes }) => bytes[0]! >= 0x80)
  const apart = wide.length > FEW
  for (const [index, group] of GROUPS.entries()) {
    const members = fragments.filter(
      (fragment) => (apart && wide.includes(fragment)) === (index === 1),
    )
    if (members.length === 0) continue
    tables[LAYOUT.groups]! |= 1 << index
    packBuckets(members, group, tables)
  }
  const last = new Map<number, number>()
  for (const [index, { bytes, anyCase }] of fragments.entries()) {
    const record = LAYOUT.records + index * LAYOUT.record
    const key = packedKey(bytes)
    packStarts(tables, bytes)
    view.setUint8(record, bytes.length)
    view.setUint8(record + 1, anyCase ? 1 : 0)
    view.setUint32(record + 4, key, true)
    if (bytes.length === 3) tables[LAYOUT.passes] = 2
    for (let i = 0; i < Math.min(8, bytes.length); i++) {
      tables[record + LAYOUT.head + i] = lower(bytes[i]!)
      tables[record + LAYOUT.headMask + i] = 0xff
    }
    tables.set(bytes, record + LAYOUT.bytes)
    const before = last.get(key)
    if (before !== undefined)
      view.setUint16(LAYOUT.records + before * LAYOUT.record + 2, index + 1, true)
    else view.setUint16(freeSlot(view, key), index + 1, true)
    last.set(key, index)
  }
  return tables
}

/** The first four bytes in lower case; 255 is the fourth byte of fragments of three. */
const packedKey = (bytes: Uint8Array): number =>
  (keyOf(bytes, 0) | ((bytes.length > 3 ? lower(bytes[3]!) : 255) << 24)) >>> 0

/**
 * Sets the bits of the first eight bytes, or of the first four. After a fragment of three bytes,
 * any fourth byte may follow.
 */
function packStarts(tables: Uint8Array, bytes: Uint8Array): void {
  const set = (table: number, bit: number): void => {
    tables[table + (bit >> 3)]! |= 1 << (bit & 7)
  }
  if (bytes.length >= 8) {
    const first =
      new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) | 0x2020202020202020n
    set(LAYOUT.longStarts, Number(BigInt.asUintN(64, first * 0x9e3779b97f4a7c15n) >> 48n))
    return
  }
  for (let byte = 0; byte < 256; byte++) {
    if (bytes.length > 3 && lower(bytes[3]!) !== byte) continue
    set(LAYOUT.starts, Math.imul(keyOf(bytes, 0) | (byte << 24) | 0x20202020, 0x9e3779b1) >>> 16)
  }
}

function freeSlot(view: DataView, key: number): number {
  let slot = Math.imul(key, 0x9e3779b1) >>> 20
  while (view.getUint16(LAYOUT.slots + slot * 2, true) !== 0) slot = (slot + 1) % LAYOUT.slotCount
  return LAYOUT.slots + slot * 2
}

/** A group of fragments: which of their bytes are examined, and which nibbles of these. */
interface Group {
  /** Offset of its tables. */
  readonly at: number
  readonly offsets: readonly number[]
  readonly buckets: number
  /** Whether high nibbles are examined besides low ones. */
  readonly high: boolean
}

/**
 * Fragments that begin with ASCII are distinguished by the low nibbles of their first five bytes:
 * there, more buckets help more than high nibbles, which most letters share. The others, above all
 * Arabic, have letters of two bytes whose first byte says nothing, so the second bytes of five
 * letters are examined.
 */
const GROUPS: readonly Group[] = [
  { at: 0, offsets: [0, 1, 2, 3, 4], buckets: 16, high: false },
  { at: LAYOUT.wide, offsets: [1, 3, 5, 7, 9], buckets: 8, high: true },
]

/**
 * Up to this many fragments beyond ASCII are put with the others: buckets of their own would cost
 * more than they save.
 */
const FEW = 8

/**
 * Which nibbles the examined bytes may have, as masks of 16 bits: for each byte the low nibbles,
 * followed by the high ones if these count.
 */
type Nibbles = Uint16Array<ArrayBuffer>

/**
 * Puts every fragment into the bucket that it widens least, so that few other bytes pass. Once all
 * are placed, moves each to a better bucket if there is one. Eight buckets share a set of tables,
 * one table per mask; bit b of an entry says that the nibble occurs in bucket b.
 */
function packBuckets(fragments: readonly Fragment[], group: Group, tables: Uint8Array): void {
  const share = shareOf(fragments, group)
  const shapes = fragments.map((fragment) => nibblesOf(fragment, group))
  const size = group.offsets.length * (group.high ? 2 : 1)
  const members = Array.from({ length: group.buckets }, () => new Set<Nibbles>())
  const widths = members.map(() => ({ nibbles: new Uint16Array(size), share: 0 }))
  const settle = (shape: Nibbles): void => {
    let [best, least] = [0, Number.POSITIVE_INFINITY]
    for (const [bucket, { nibbles, share: passing }] of widths.entries()) {
      const cost = share(nibbles, shape) - passing
      if (cost < least) [best, least] = [bucket, cost]
    }
    const { nibbles } = widths[best]!
    members[best]!.add(shape)
    widths[best] = {
      nibbles: nibbles.map((mask, i) => mask | shape[i]!),
      share: share(nibbles, shape),
    }
  }
  for (const shape of shapes) settle(shape)
  for (let round = 0; round < ROUNDS && shapes.length <= MOST_SETTLED; round++) {
    for (const shape of shapes) {
      const bucket = members.findIndex((all) => all.delete(shape))
      const nibbles = new Uint16Array(size)
      for (const other of members[bucket]!) for (let i = 0; i < size; i++) nibbles[i]! |= other[i]!
      widths[bucket] = { nibbles, share: share(nibbles, nibbles) }
      settle(shape)
    }
  }
  for (const [bucket, { nibbles }] of widths.entries()) {
    for (const [i, mask] of nibbles.entries()) {
      const table = group.at + ((bucket >> 3) * size + i) * 16
      for (let nibble = 0; nibble < 16; nibble++)
        tables[table + nibble]! |= ((mask >> nibble) & 1) << (bucket & 7)
    }
  }
}

/** How often fragments are placed again, and up to how many fragments that is worthwhile. */
const ROUNDS = 2
const MOST_SETTLED = 512

/** After the end of a fragment, all bytes fit. */
function nibblesOf({ bytes, anyCase }: Fragment, { offsets, high }: Group): Nibbles {
  return Uint16Array.from(
    offsets.flatMap((offset) => {
      const byte = bytes[offset]
      const masks = [0, 0]
      for (const same of byte === undefined ? [] : spellings(byte, anyCase === true)) {
        masks[0]! |= 1 << (same & 15)
        masks[1]! |= 1 << (same >> 4)
      }
      const fitting = byte === undefined ? [0xffff, 0xffff] : masks
      return high ? fitting : fitting.slice(0, 1)
    }),
  )
}

function spellings(byte: number, anyCase: boolean): readonly number[] {
  const letter = anyCase && lower(byte) >= 0x61 && lower(byte) <= 0x7a
  return letter ? [lower(byte), lower(byte) - 0x20] : [byte]
}

/**
 * Returns a function that estimates the share of text that passes a bucket with two sets of masks
 * combined. It assumes that nibbles are as frequent in texts as in the fragments, plus one blank
 * for every five bytes.
 */
function shareOf(
  fragments: readonly Fragment[],
  { high }: Group,
): (some: Nibbles, others: Nibbles) => number {
  const counts = [new Float64Array(16), new Float64Array(16)] as const
  const count = (byte: number, times: number): void => {
    counts[0][byte & 15]! += times
    counts[1][byte >> 4]! += times
  }
  for (const { bytes } of fragments) for (const byte of bytes) count(byte, 1)
  const all = counts[0].reduce((sum, one) => sum + one, 0)
  count(0x20, all / 5)
  const shares = counts.map((each) => sharesOfMasks(each.map((one) => one / (all * 1.2))))
  return (some, others) => {
    let share = 1
    for (let i = 0; i < some.length; i++) share *= shares[high ? i & 1 : 0]![some[i]! | others[i]!]!
    return share
  }
}

/** For every mask, the sum of the shares of its bits. */
function sharesOfMasks(shares: Float64Array): Float64Array {
  const sums = new Float64Array(1 << shares.length)
  for (let mask = 1; mask < sums.length; mask++) {
    const top = 31 - Math.clz32(mask)
    sums[mask] = sums[mask ^ (1 << top)]! + shares[top]!
  }
  return sums
}

/** A byte string to search for: 3 to 16 bytes, in any case if `anyCase` (ASCII letters only). */
export interface Fragment {
  readonly bytes: Uint8Array
  readonly anyCase?: boolean
}

/** What a scanner searches for. */
export interface Wanted {
  readonly fragments: readonly Fragment[]
  /** Single bytes, at most two, none of them a digit or part of a separator. */
  readonly marks: readonly number[]
  /** Whether clusters of digits and colons are wanted. */
  readonly numbers: boolean
}
