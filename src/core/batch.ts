import { type DocumentKind, KINDS } from './document.ts'
import { giveBack, takeMemory } from './text-memory.ts'

/**
 * UTF-8 text of many rows: row i is `bytes[offsets[i]]` up to `bytes[offsets[i + 1]]`. Offsets
 * start at 0.
 */
export interface TextColumn {
  readonly bytes: Uint8Array
  /** rows + 1 entries, ascending. */
  readonly offsets: Int32Array
}

/**
 * Some documents of one source, stored column by column; filters work on these. A filter that
 * rewrites a column assigns a new one and never writes into the old bytes. An empty value means
 * absent. The memory of all columns is reused for later batches, so a filter copies any bytes it
 * keeps after the call.
 */
export interface Batch {
  readonly source: string
  readonly rows: number
  /** Index into `KINDS`, one per row. */
  readonly kind: Uint8Array
  /** Number of source items that each row was made of. */
  readonly items: Uint32Array
  id: TextColumn
  text: TextColumn
  url: TextColumn
  license: TextColumn
  author: TextColumn
  created: TextColumn
  revised: TextColumn
  /** JSON objects with sorted keys. */
  metadata: TextColumn
  /** Language per row, `''` where unknown. Filters may assign entries. */
  readonly lang: string[]
  /** Probability of `lang` per row, NaN where nothing measured it. */
  readonly langScore: Float32Array
}

/** The text columns of a batch except `text`, in the order in which they are published. */
export const META_COLUMNS = [
  'id',
  'url',
  'license',
  'author',
  'created',
  'revised',
  'metadata',
] as const
/** Name of one of `META_COLUMNS`. */
export type MetaColumn = (typeof META_COLUMNS)[number]

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The bytes of one row: a view that stays valid as long as the column does. */
export function bytesAt(column: TextColumn, row: number): Uint8Array {
  return column.bytes.subarray(column.offsets[row], column.offsets[row + 1])
}

/** One row decoded to a string. It copies, so keep it out of inner loops. */
export function textAt(column: TextColumn, row: number): string {
  return decoder.decode(bytesAt(column, row))
}

/** The kind of one row. Throws a `RangeError` if the stored number is not an index into `KINDS`. */
export function kindAt(batch: Batch, row: number): DocumentKind {
  const kind = KINDS[batch.kind[row] ?? 0]
  if (kind === undefined) throw new RangeError(`row ${row} has kind ${batch.kind[row]}`)
  return kind
}

/** Grows a text column row by row. `append` may be called several times before `endRow`. */
export interface TextBuilder {
  /** Appends `bytes[start, end)` to the row being built. */
  append(bytes: Uint8Array, start?: number, end?: number): void
  appendText(text: string): void
  endRow(): void
  readonly rows: number
  /** Bytes written so far, including the row being built. */
  readonly length: number
  /** Drops what was appended since the last `endRow`. */
  discardRow(): void
  /** The finished column; the builder must not be used afterwards. */
  finish(): TextColumn
}

/** A builder that starts with room for `rows` rows and `capacity` bytes and doubles when full. */
export function textBuilder(rows = 64, capacity = 1 << 16): TextBuilder {
  let bytes = asBuffer(takeMemory(Math.max(capacity, 16)))
  let offsets = new Int32Array(rows + 1)
  let count = 0
  let length = 0
  const reserve = (extra: number): void => {
    if (length + extra <= bytes.length) return
    const grown = asBuffer(takeMemory(Math.max(bytes.length * 2, length + extra)))
    grown.set(bytes.subarray(0, length))
    giveBack(bytes)
    bytes = grown
  }
  return {
    append(source, start = 0, end = source.length) {
      reserve(end - start)
      bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), length)
      length += end - start
    },
    appendText(text) {
      if (text === '') return
      reserve(text.length * 3)
      length += writeText(bytes, text, length)
    },
    endRow() {
      if (count + 1 >= offsets.length) {
        const grown = new Int32Array(offsets.length * 2)
        grown.set(offsets)
        offsets = grown
      }
      offsets[++count] = length
    },
    get rows() {
      return count
    },
    get length() {
      return length
    },
    discardRow() {
      length = offsets[count] ?? 0
    },
    finish: () => ({
      bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, length),
      offsets: offsets.subarray(0, count + 1),
    }),
  }
}

/** The same memory as a `Buffer`, which writes strings at any position without creating a view. */
function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}

/**
 * A column of the given strings. It allocates exactly their length, because most are labels of a
 * few bytes. Lone surrogates become U+FFFD.
 */
export function textColumn(values: readonly string[]): TextColumn {
  const offsets = new Int32Array(values.length + 1)
  let length = 0
  for (let row = 0; row < values.length; row++) {
    length += utf8Length(values[row] ?? '')
    offsets[row + 1] = length
  }
  const bytes = takeMemory(length).subarray(0, length)
  const writer = asBuffer(bytes)
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? ''
    if (value !== '') writeText(writer, value, offsets[row] ?? 0)
  }
  return { bytes, offsets }
}

/**
 * ASCII texts up to this length are copied here: a call into the platform costs more than copying a
 * few bytes.
 */
const SHORT = 48

/** Whether a text is short and pure ASCII. */
function isPlain(text: string): boolean {
  if (text.length > SHORT) return false
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Length in UTF-8. Lone surrogates, which have no UTF-8 form, count as U+FFFD. */
function utf8Length(text: string): number {
  return isPlain(text) ? text.length : Buffer.byteLength(text)
}

/** Writes a text in UTF-8 at `at` and returns the number of bytes written. */
function writeText(out: Buffer, text: string, at: number): number {
  if (!isPlain(text)) return out.write(text, at)
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
  return text.length
}
