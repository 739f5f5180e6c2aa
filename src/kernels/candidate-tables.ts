// What the kernel that scans for candidates looks up: tables made once for the fragments, marks and numbers that are wanted.
import type { Fragment, Wanted } from './candidates.ts'

/** A letter of ASCII in lower case; other bytes as they are. */
export const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)

/** The three bytes from `at` on in lower case, as one number. */
export const keyOf = (bytes: Uint8Array, at: number): number =>
  lower(bytes[at]!) | (lower(bytes[at + 1]!) << 8) | (lower(bytes[at + 2]!) << 16)

/** Where things are in the kernel's table, in bytes; the same numbers stand in assembly/candidates.ts. */
const LAYOUT = {
  wide: 160,
  markCount: 320,
  marks: 321,
  numbers: 323,
  passes: 324,
  groups: 325,
  starts: 384,
  slots: 384 + 8192,
  slotCount: 4096,
  records: 384 + 8192 + 8192,
  record: 40,
  head: 8,
  headMask: 16,
  bytes: 24,
} as const
const BUCKETS = 8

/**
 * Nibble tables of eight buckets for each group of fragments, marks, a bitmap of the first four bytes of the fragments, and a
 * hash table from these to a chain of records.
 */
export function packTables({ fragments, marks, numbers }: Wanted): Uint8Array {
  const tables = new Uint8Array(LAYOUT.records + fragments.length * LAYOUT.record)
  const view = new DataView(tables.buffer)
  tables[LAYOUT.markCount] = marks.length
  tables.set(marks, LAYOUT.marks)
  tables[LAYOUT.numbers] = numbers ? 1 : 0
  tables[LAYOUT.passes] = 1
  const wide = fragments.filter(({ bytes }) => bytes[0]! >= 0x80)
  const apart = wide.length > FEW
  for (const [group, { at, offsets }] of GROUPS.entries()) {
    const members = fragments.filter((fragment) => (apart && wide.includes(fragment)) === (group === 1))
    if (members.length > 0) tables[LAYOUT.groups]! |= 1 << group
    packBuckets(members, offsets, tables.subarray(at))
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
    if (before !== undefined) view.setUint16(LAYOUT.records + before * LAYOUT.record + 2, index + 1, true)
    else view.setUint16(freeSlot(view, key), index + 1, true)
    last.set(key, index)
  }
  return tables
}

/** The first four bytes in lower case, 255 for the fourth of three. */
const packedKey = (bytes: Uint8Array): number =>
  (keyOf(bytes, 0) | ((bytes.length > 3 ? lower(bytes[3]!) : 255) << 24)) >>> 0

/** Sets the bits of the first four bytes; a fragment of three may go on with any fourth. */
function packStarts(tables: Uint8Array, bytes: Uint8Array): void {
  for (let byte = 0; byte < 256; byte++) {
    if (bytes.length > 3 && lower(bytes[3]!) !== byte) continue
    const start = Math.imul(keyOf(bytes, 0) | (byte << 24) | 0x20202020, 0x9e3779b1) >>> 16
    tables[LAYOUT.starts + (start >> 3)]! |= 1 << (start & 7)
  }
}

function freeSlot(view: DataView, key: number): number {
  let slot = Math.imul(key, 0x9e3779b1) >>> 20
  while (view.getUint16(LAYOUT.slots + slot * 2, true) !== 0) slot = (slot + 1) % LAYOUT.slotCount
  return LAYOUT.slots + slot * 2
}

/**
 * Fragments that begin with ASCII are told apart by their first five bytes. Others, Arabic in the first place, have letters of two
 * bytes of which the first says nothing: what is looked at are the second bytes of five letters.
 */
const GROUPS = [
  { at: 0, offsets: [0, 1, 2, 3, 4] },
  { at: LAYOUT.wide, offsets: [1, 3, 5, 7, 9] },
] as const

/** So few fragments beyond ASCII go with the others: buckets of their own would cost more than they spare. */
const FEW = 8

/** Where in a fragment the bytes are that its group looks at. */
type Offsets = (typeof GROUPS)[number]['offsets']

/** Which low and high nibbles the bytes looked at may have: a mask of 16 bits each, alternating. */
type Nibbles = Uint16Array
const LOOKED_AT = 5

/**
 * Puts every fragment into the bucket that it widens least, so that few other bytes pass, and then, once all have a place, into
 * a better one. Table 2i is for low nibbles, 2i + 1 for high nibbles of the byte at offset i; bit b of an entry says that the
 * nibble occurs in bucket b.
 */
function packBuckets(fragments: readonly Fragment[], offsets: Offsets, tables: Uint8Array): void {
  const share = shareOf(fragments)
  const shapes = fragments.map((fragment) => nibblesOf(fragment, offsets))
  const members = Array.from({ length: BUCKETS }, () => new Set<Nibbles>())
  const widths = members.map(() => ({ nibbles: new Uint16Array(LOOKED_AT * 2), share: 0 }))
  const settle = (shape: Nibbles): void => {
    const wider = widths.map(({ nibbles, share: before }) => {
      const widened = nibbles.map((mask, i) => mask | shape[i]!)
      const after = share(widened)
      return { width: { nibbles: widened, share: after }, cost: after - before }
    })
    const best = wider.reduce((least, { cost }, bucket) => (cost < wider[least]!.cost ? bucket : least), 0)
    members[best]!.add(shape)
    widths[best] = wider[best]!.width
  }
  for (const shape of shapes) settle(shape)
  for (let round = 0; round < ROUNDS && shapes.length <= MOST_SETTLED; round++) {
    for (const shape of shapes) {
      const bucket = members.findIndex((all) => all.delete(shape))
      const nibbles = new Uint16Array(LOOKED_AT * 2)
      for (const other of members[bucket]!) for (let i = 0; i < nibbles.length; i++) nibbles[i]! |= other[i]!
      widths[bucket] = { nibbles, share: share(nibbles) }
      settle(shape)
    }
  }
  for (const [bucket, { nibbles }] of widths.entries()) {
    for (const [table, mask] of nibbles.entries()) {
      for (let nibble = 0; nibble < 16; nibble++) tables[table * 16 + nibble]! |= ((mask >> nibble) & 1) << bucket
    }
  }
}

/** How often fragments are settled anew, and how many of them are worth that. */
const ROUNDS = 2
const MOST_SETTLED = 128

/** Behind the end of a fragment all bytes fit. */
function nibblesOf({ bytes, anyCase }: Fragment, offsets: Offsets): Nibbles {
  const nibbles = new Uint16Array(LOOKED_AT * 2)
  for (const [i, offset] of offsets.entries()) {
    const byte = bytes[offset]
    if (byte === undefined) nibbles.fill(0xffff, i * 2, i * 2 + 2)
    else
      for (const same of spellings(byte, anyCase === true)) {
        nibbles[i * 2]! |= 1 << (same & 15)
        nibbles[i * 2 + 1]! |= 1 << (same >> 4)
      }
  }
  return nibbles
}

function spellings(byte: number, anyCase: boolean): readonly number[] {
  const letter = anyCase && lower(byte) >= 0x61 && lower(byte) <= 0x7a
  return letter ? [lower(byte), lower(byte) - 0x20] : [byte]
}

/** The share of texts that passes a bucket, if bytes are as frequent in texts as they are in the fragments. */
function shareOf(fragments: readonly Fragment[]): (nibbles: Nibbles) => number {
  const counts = new Uint32Array(256)
  for (const { bytes } of fragments) for (const byte of bytes) counts[byte]!++
  const known = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => counts[byte]! > 0)
  const all = counts.reduce((sum, count) => sum + count, 0)
  return (nibbles) => {
    let share = 1
    for (let i = 0; i < LOOKED_AT; i++) {
      const [low, high] = [nibbles[i * 2]!, nibbles[i * 2 + 1]!]
      let passing = 0
      for (let at = 0; at < known.length; at++) {
        const byte = known[at]!
        if ((low >> (byte & 15)) & (high >> (byte >> 4)) & 1) passing += counts[byte]!
      }
      share *= passing / all
    }
    return share
  }
}
