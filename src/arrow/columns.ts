import {
  type Data,
  type DataType,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  LargeList,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
} from 'apache-arrow'
import type { TextColumn } from '../core/batch.ts'

/**
 * A column of an Arrow file. In an `optional` text column an empty value is stored as null and read
 * back as the empty text.
 */
export interface ColumnSpec {
  readonly name: string
  readonly type:
    | ListType
    | 'utf8'
    | 'uint8'
    | 'uint16'
    | 'uint32'
    | 'int16'
    | 'int32'
    | 'float32'
    | 'float64'
  readonly optional?: boolean
}

/** Lists of token ids, with 64-bit offsets. */
export type ListType = 'uint16[]' | 'uint32[]'

/** Numbers of a column, one per row. */
export type NumberColumn =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array

/**
 * Lists of many rows: row i is `values[offsets[i]]` up to `values[offsets[i + 1]]`. Offsets start
 * at 0.
 */
export interface ListColumn {
  readonly values: Uint16Array | Uint32Array
  /** rows + 1 entries, ascending. */
  readonly offsets: BigInt64Array
}

/**
 * The values of one column. Text is stored as bytes and offsets, lists as values and offsets,
 * numbers as one typed array.
 */
export type ColumnData = TextColumn | ListColumn | NumberColumn

/** Column values by name, all of the same row count. */
export type Columns = Readonly<Record<string, ColumnData>>

const TYPES = {
  'uint16[]': () => new LargeList(new Field('item', new Uint16(), false)),
  'uint32[]': () => new LargeList(new Field('item', new Uint32(), false)),
  utf8: () => new Utf8(),
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  int16: () => new Int16(),
  int32: () => new Int32(),
  float32: () => new Float32(),
  float64: () => new Float64(),
} as const

/** The Arrow schema of these columns, with the metadata in the given order. */
export function arrowSchema(
  specs: readonly ColumnSpec[],
  metadata: ReadonlyMap<string, string>,
): Schema {
  const fields = specs.map(
    ({ name, type, optional }) => new Field(name, TYPES[type](), optional === true),
  )
  return new Schema(fields, new Map(metadata))
}

/** Wraps column values in a record batch without copying. Throws if a column has no values. */
export function recordBatch(
  schema: Schema,
  specs: readonly ColumnSpec[],
  rows: number,
  columns: Columns,
): RecordBatch {
  const children = specs.map((spec) => {
    const values = columns[spec.name]
    if (values === undefined) throw new Error(`no values for column ${spec.name}`)
    return columnData(spec, rows, values)
  })
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children }),
  )
}

function columnData(spec: ColumnSpec, rows: number, values: ColumnData): Data {
  if (isList(values)) return listData(values, rows)
  if (!isText(values)) {
    return makeData({
      type: TYPES[spec.type]() as DataType,
      length: rows,
      nullCount: 0,
      data: values,
    } as never)
  }
  const { bytes, offsets } = values
  const validity = spec.optional
    ? emptyAsNull(offsets, rows)
    : { nullCount: 0, nullBitmap: undefined }
  return makeData({
    type: new Utf8(),
    length: rows,
    nullCount: validity.nullCount,
    nullBitmap: validity.nullBitmap,
    valueOffsets: offsets.subarray(0, rows + 1),
    data: bytes,
  } as never)
}

function listData({ values, offsets }: ListColumn, rows: number): Data {
  const item = values instanceof Uint16Array ? new Uint16() : new Uint32()
  const child = makeData({ type: item, length: values.length, nullCount: 0, data: values } as never)
  const type = new LargeList(new Field('item', item, false))
  return makeData({ type, length: rows, nullCount: 0, valueOffsets: offsets, child } as never)
}

/** A validity bitmap that marks empty rows as null; undefined if there are none. */
function emptyAsNull(
  offsets: Int32Array,
  rows: number,
): { nullCount: number; nullBitmap: Uint8Array | undefined } {
  const nullBitmap = new Uint8Array(((rows + 63) >> 6) << 3)
  let nullCount = 0
  for (let row = 0; row < rows; row++) {
    if (offsets[row + 1] === offsets[row]) nullCount++
    else nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) | (1 << (row & 7))
  }
  return nullCount === 0 ? { nullCount, nullBitmap: undefined } : { nullCount, nullBitmap }
}

/** The columns of a record batch, as views where the layout allows it. Offsets start at 0. */
export function columnsOf(
  fields: readonly Field[],
  children: readonly Data[],
  rows: number,
): Columns {
  const columns: Record<string, ColumnData> = {}
  for (const [index, field] of fields.entries()) {
    const data = children[index]
    if (data === undefined) throw new Error(`no data for column ${field.name}`)
    if (field.type instanceof Utf8) columns[field.name] = textOf(data, rows)
    else if (field.type instanceof LargeList) columns[field.name] = listOf(data, rows)
    else columns[field.name] = (data.values as NumberColumn).subarray(0, rows)
  }
  return columns
}

function textOf(data: Data, rows: number): TextColumn {
  const offsets = data.valueOffsets as Int32Array
  const bytes = (data.values as Uint8Array | undefined) ?? new Uint8Array(0)
  if (rows === 0) return { bytes: new Uint8Array(0), offsets: new Int32Array(1) }
  const first = offsets[0] ?? 0
  if (first === 0) return { bytes, offsets: offsets.subarray(0, rows + 1) }
  return {
    bytes: bytes.subarray(first),
    offsets: offsets.subarray(0, rows + 1).map((offset) => offset - first),
  }
}

function listOf(data: Data, rows: number): ListColumn {
  const child = data.children[0] as Data
  const values = child.values as Uint16Array | Uint32Array
  // The library declares 32-bit offsets, but for a large list they are a BigInt64Array.
  const offsets = data.valueOffsets as unknown as BigInt64Array
  return { values: values.subarray(0, child.length), offsets: offsets.subarray(0, rows + 1) }
}

/** Tells text columns from the others. */
export function isText(values: ColumnData): values is TextColumn {
  return 'bytes' in values
}

/** Tells list columns from the others. */
export function isList(values: ColumnData): values is ListColumn {
  return 'values' in values && 'offsets' in values
}
