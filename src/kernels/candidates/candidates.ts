// Finds positions that deserve a precise look in one pass over the bytes, so that patterns run only
// around them. The kernel is ./assembly.ts.

import type { TextColumn } from '../../core/batch.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import { type Fragment, keyOf, lower, packTables, type Wanted } from './candidate-tables.ts'

/**
 * The first digit of a cluster: ASCII, Arabic-Indic or Persian digits with at most three separators
 * between two of them, and in all at least seven digits or three dots between digits.
 */
export const NUMBER = 0
/**
 * The first colon of what may be a global IPv6 address: it follows four hexadecimal digits, the
 * first of which is 2 or 3.
 */
export const COLON = 1
/** One of the marks. */
export const MARK = 2
/** Fragment i of those passed to the scanner is reported as `FRAGMENT + i`. */
export const FRAGMENT = 3

/** Positions in the bytes of a column, ascending. The arrays are valid until the next scan. */
export interface Candidates {
  readonly count: number
  readonly positions: Uint32Array
  /** `NUMBER`, `COLON`, `MARK` or `FRAGMENT + i`. */
  readonly kinds: Uint16Array
}

const MIN_DIGITS = 7
const MIN_DOTS = 3
const MAX_SEPARATORS = 3

/** Length in bytes of the digit at `at`, 0 if there is none. */
export function digitLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!
  if (lead >= 0x30 && lead <= 0x39) return 1
  if (at + 1 >= end) return 0
  const next = bytes[at + 1]!
  if (lead === 0xd9) return next >= 0xa0 && next <= 0xa9 ? 2 : 0
  return lead === 0xdb && next >= 0xb0 && next <= 0xb9 ? 2 : 0
}

/**
 * Length in bytes of the separator at `at`, 0 if there is none: ` -./()+`, the no-break space,
 * dashes, minus, thin spaces and bidi marks.
 */
export function separatorLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) {
    return lead === 0x20 ||
      lead === 0x28 ||
      lead === 0x29 ||
      lead === 0x2b ||
      (lead >= 0x2d && lead <= 0x2f)
      ? 1
      : 0
  }
  const next = at + 1 < end ? bytes[at + 1]! : 0
  if (lead === 0xc2) return next === 0xa0 ? 2 : 0
  if (lead === 0xd8) return next === 0x9c ? 2 : 0
  if (lead !== 0xe2 || at + 2 >= end) return 0
  const last = bytes[at + 2]!
  if (next === 0x80) return last <= 0x95 || (last >= 0xaa && last <= 0xaf) ? 3 : 0
  if (next === 0x81) return last >= 0x9f && last <= 0xa9 ? 3 : 0
  return next === 0x88 && last === 0x92 ? 3 : 0
}

/**
 * The reference of `candidateScanner`. Throws `RangeError` for fragments that are too many, too
 * short or too long.
 */
export function candidateScannerReference(wanted: Wanted): (column: TextColumn) => Candidates {
  const plan = { roles: roleTable(wanted), byStart: fragmentTable(wanted.fragments) }
  const out = candidateList()
  return (column) => {
    out.clear()
    for (let row = 0; row + 1 < column.offsets.length; row++) {
      scanRow(column.bytes, column.offsets[row]!, column.offsets[row + 1]!, plan, out)
    }
    return out.view()
  }
}

/** What may start at a byte; several bits can be set. */
const ROLE = { digit: 1, colon: 2, mark: 4, fragment: 8 } as const

interface Plan {
  readonly roles: Uint8Array
  /** By the first three bytes in lower case. */
  readonly byStart: ReadonlyMap<
    number,
    readonly { readonly kind: number; readonly fragment: Fragment }[]
  >
}

function scanRow(
  bytes: Uint8Array,
  start: number,
  end: number,
  { roles, byStart }: Plan,
  out: ReturnType<typeof candidateList>,
): void {
  for (let at = start; at < end; at++) {
    const role = roles[bytes[at]!]!
    if (role === 0) continue
    if (role & ROLE.digit && digitLength(bytes, at, end) > 0) {
      const cluster = readCluster(bytes, at, end)
      if (cluster.wanted) out.add(at, NUMBER)
      at = cluster.end - 1
      continue
    }
    if (role & ROLE.mark) out.add(at, MARK)
    if (role & ROLE.colon && precedesAddress(bytes, at, start)) out.add(at, COLON)
    if ((role & ROLE.fragment) === 0 || at + 3 > end) continue
    for (const { kind, fragment } of byStart.get(keyOf(bytes, at)) ?? []) {
      if (startsWith(bytes, at, end, fragment)) out.add(at, kind)
    }
  }
}

/** Reads the cluster whose first digit is at `at`. `end` is just past its last digit. */
function readCluster(
  bytes: Uint8Array,
  at: number,
  rowEnd: number,
): { end: number; wanted: boolean } {
  let digits = 0
  let dots = 0
  let end = at
  for (;;) {
    for (let length = digitLength(bytes, end, rowEnd); length > 0 && end < rowEnd; ) {
      digits++
      end += length
      length = end < rowEnd ? digitLength(bytes, end, rowEnd) : 0
    }
    let next = end
    let separators = 0
    while (next < rowEnd && separators < MAX_SEPARATORS) {
      const length = separatorLength(bytes, next, rowEnd)
      if (length === 0) break
      next += length
      separators++
    }
    if (separators === 0 || next >= rowEnd || digitLength(bytes, next, rowEnd) === 0) break
    if (separators === 1 && bytes[end] === 0x2e) dots++
    end = next
  }
  return { end, wanted: digits >= MIN_DIGITS || dots >= MIN_DOTS }
}

const isHex = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)

function precedesAddress(bytes: Uint8Array, colon: number, start: number): boolean {
  if (colon - 4 < start || (bytes[colon - 4]! !== 0x32 && bytes[colon - 4]! !== 0x33)) return false
  return isHex(bytes[colon - 3]!) && isHex(bytes[colon - 2]!) && isHex(bytes[colon - 1]!)
}

function startsWith(
  bytes: Uint8Array,
  at: number,
  end: number,
  { bytes: wanted, anyCase }: Fragment,
): boolean {
  if (at + wanted.length > end) return false
  for (let i = 0; i < wanted.length; i++) {
    const same = anyCase ? lower(bytes[at + i]!) === lower(wanted[i]!) : bytes[at + i] === wanted[i]
    if (!same) return false
  }
  return true
}

const MOST_FRAGMENTS = 2000

/** Fragments by their first three bytes in lower case; fragments of three bytes come last. */
function fragmentTable(fragments: readonly Fragment[]): Plan['byStart'] {
  if (fragments.length > MOST_FRAGMENTS) {
    throw new RangeError(`at most ${MOST_FRAGMENTS} fragments, not ${fragments.length}`)
  }
  const table = new Map<number, { kind: number; fragment: Fragment }[]>()
  for (const [index, fragment] of fragments.entries()) {
    if (fragment.bytes.length < 3 || fragment.bytes.length > 16) {
      throw new RangeError(`a fragment has 3 to 16 bytes, not ${fragment.bytes.length}`)
    }
    const key = keyOf(fragment.bytes, 0)
    table.set(key, [...(table.get(key) ?? []), { kind: FRAGMENT + index, fragment }])
  }
  const isShort = ({ fragment }: { fragment: Fragment }): number =>
    fragment.bytes.length === 3 ? 1 : 0
  for (const list of table.values()) list.sort((a, b) => isShort(a) - isShort(b))
  return table
}

function roleTable({ fragments, marks, numbers }: Wanted): Uint8Array {
  const roles = new Uint8Array(256)
  const set = (byte: number, role: number): void => {
    roles[byte] = roles[byte]! | role
  }
  if (numbers) {
    for (let digit = 0x30; digit <= 0x39; digit++) set(digit, ROLE.digit)
    for (const lead of [0xd9, 0xdb]) set(lead, ROLE.digit)
    set(0x3a, ROLE.colon)
  }
  for (const mark of marks) set(mark, ROLE.mark)
  for (const { bytes, anyCase } of fragments) {
    const first = lower(bytes[0]!)
    set(bytes[0]!, ROLE.fragment)
    if (!anyCase || first < 0x61 || first > 0x7a) continue
    set(first, ROLE.fragment)
    set(first - 0x20, ROLE.fragment)
  }
  return roles
}

function candidateList() {
  let positions = new Uint32Array(1024)
  let kinds = new Uint16Array(1024)
  let count = 0
  const reserve = (extra: number): void => {
    if (count + extra <= positions.length) return
    const length = Math.max(positions.length * 2, count + extra)
    const [grownPositions, grownKinds] = [new Uint32Array(length), new Uint16Array(length)]
    grownPositions.set(positions)
    grownKinds.set(kinds)
    positions = grownPositions
    kinds = grownKinds
  }
  return {
    clear(): void {
      count = 0
    },
    add(position: number, kind: number): void {
      reserve(1)
      positions[count] = position
      kinds[count++] = kind
    },
    /** Appends the first `length` candidates of others. */
    append(morePositions: Uint32Array, moreKinds: Uint16Array, length: number): void {
      reserve(length)
      positions.set(morePositions.subarray(0, length), count)
      kinds.set(moreKinds.subarray(0, length), count)
      count += length
    },
    view: (): Candidates => ({ count, positions, kinds }),
  }
}

/**
 * Whether a fragment may start inside a cluster of digits: with a digit or the second byte of one,
 * or with separators that a digit or nothing follows.
 */
function startsInCluster({ bytes }: Fragment): boolean {
  const isTail = (byte: number): boolean => byte >= 0x80 && byte < 0xc0
  let at = 0
  while (at < bytes.length && isTail(bytes[at]!)) at++
  if (at === 1 && (bytes[0]! & 0x2f) >= 0x20 && (bytes[0]! & 0x0f) <= 9) return true
  for (let length = 1; length > 0 && at < bytes.length; at += length)
    length = separatorLength(bytes, at, bytes.length)
  return at === bytes.length || digitLength(bytes, at, bytes.length) > 0
}

interface Kernel {
  scanCandidates(
    base: number,
    offsets: number,
    row: number,
    rows: number,
    from: number,
    tables: number,
    positions: number,
    kinds: number,
    capacity: number,
    reached: number,
  ): void
}

const MIN_KERNEL_BYTES = 512
const CAPACITY = 1 << 15

/**
 * Returns a function that scans each row of a column on its own: no candidate spans two rows. Short
 * columns (a metadata value) are left to the reference because copying them into the kernels'
 * memory does not pay. Throws `RangeError` for fragments that are too many, too short or too long.
 */
export function candidateScanner(wanted: Wanted): (column: TextColumn) => Candidates {
  const { scanCandidates } = kernelFunctions<Kernel>('scanCandidates')
  const memory = kernelMemory()
  const tables = memory.keep(packTables(wanted, wanted.fragments.some(startsInCluster)))
  const reachedAt = memory.reserve(12)
  const positionsAt = memory.reserve(CAPACITY * 4)
  const kindsAt = memory.reserve(CAPACITY * 2)
  const reached = new Uint32Array(memory.bytes.buffer, reachedAt, 3)
  const positions = new Uint32Array(memory.bytes.buffer, positionsAt, CAPACITY)
  const kinds = new Uint16Array(memory.bytes.buffer, kindsAt, CAPACITY)
  const reference = candidateScannerReference(wanted)
  const out = candidateList()
  return (column) => {
    if (column.bytes.length < MIN_KERNEL_BYTES) return reference(column)
    out.clear()
    memory.scope(() => {
      const base = memory.place(column)
      const offsets = memory.lend(column.offsets)
      const rows = column.offsets.length - 1
      for (let row = 0, from = 0; row < rows; row = reached[1]!, from = reached[2]!) {
        scanCandidates(
          base,
          offsets,
          row,
          rows,
          from,
          tables,
          positionsAt,
          kindsAt,
          CAPACITY,
          reachedAt,
        )
        out.append(positions, kinds, reached[0]!)
      }
    })
    return out.view()
  }
}
