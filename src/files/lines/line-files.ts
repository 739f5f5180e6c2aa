import type { Context } from '../../core/component.ts'
import type { Cursor, Partition, Skipped } from '../../core/connector.ts'
import { EtlError } from '../../core/errors.ts'
import { decompress } from '../compression/decompress.ts'
import { type Compression, compressionOf } from '../compression/sniff.ts'
import { findInputs, type InputFile } from '../inputs.ts'
import { arrayOpening, OPENING_BYTES, splitElements } from './array-elements.ts'
import {
  afterBytes,
  continued,
  firstLineStart,
  type Line,
  type LineCursor,
  type LineOptions,
  splitLines,
} from './lines.ts'

/** Default of the `partitionBytes` option of line formats. */
export const PARTITION_BYTES = 64 << 20

/**
 * Default of the `maxLineBytes` option of line formats; equal to the engine's limit for one
 * document.
 */
export const MAX_LINE_BYTES = 32 << 20

/** How a line format is found and divided into partitions. */
export interface LineInput {
  /** Path, folder or glob, as in the manifest. */
  readonly input: string
  /** Uncompressed files are divided into ranges of this many bytes. */
  readonly partitionBytes: number
  /** Whether a file belongs to the source; by default every file does. */
  accepts?(file: InputFile): boolean
  /**
   * Whether a file may also be one JSON array of objects, whose elements count as lines. Such a
   * file is not divided.
   */
  readonly arrays?: boolean
  /**
   * Whether consecutive small files share a partition; for formats in which every line stands on
   * its own.
   */
  readonly grouped?: boolean
}

/**
 * A partition of several files is full at this many bytes or files. A file of that size has a
 * partition of its own.
 */
const GROUP_BYTES = 8 << 20
const GROUP_FILES = 1000

/** Contents of a partition: a range of one file, or several whole files. */
type Spec = FileRange | { readonly files: readonly FileRange[] }

type FileRange = { readonly path: string; readonly label: string } & {
  readonly compression: Compression
  readonly start: number
  readonly end: number
}

/**
 * Yields partitions of files in which every line stands on its own: byte ranges of plain files,
 * whole compressed files and, if grouping is allowed, small plain files together. A line belongs to
 * the range that contains its first byte. Throws `input-missing` if no file is accepted.
 */
export async function* linePartitions(
  context: Context,
  options: LineInput,
): AsyncIterable<Partition> {
  const found = await findInputs(context, options.input)
  const files = found.filter((file) => options.accepts?.(file) !== false)
  if (files.length === 0) {
    const example = found[0]?.label
    const what = `none of the ${found.length} files here has this format, for example ${example}`
    throw new EtlError('input-missing', { where: options.input, what })
  }
  const most = Math.min(GROUP_BYTES, options.partitionBytes)
  const group: Partition[] = []
  for (const file of files) {
    const compression = await compressionOf(context.storage, file.path)
    const isCut = compression === 'none' && !(options.arrays && (await isArray(context, file.path)))
    const step = isCut ? options.partitionBytes : Math.max(1, file.size)
    const isSmall = options.grouped === true && isCut && file.size < most
    if (!isSmall && group.length > 0) yield together(group.splice(0))
    if (isSmall) group.push(...rangesOf(file, compression, step))
    else yield* rangesOf(file, compression, step)
    if (group.length >= GROUP_FILES || bytesOf(group) >= most) yield together(group.splice(0))
  }
  if (group.length > 0) yield together(group)
}

/** Divides a file into ranges of `step` bytes. An empty file has one range. */
function* rangesOf(
  { path, label, key, size }: InputFile,
  compression: Compression,
  step: number,
): Iterable<Partition> {
  for (let start = 0, part = 0; start < Math.max(1, size); start += step, part++) {
    const end = Math.min(start + step, size)
    const spec: FileRange = { path, label, compression, start, end }
    yield { key: `${key}/${String(part).padStart(5, '0')}`, bytes: end - start, spec }
  }
}

const bytesOf = (group: readonly Partition[]): number =>
  group.reduce((sum, { bytes }) => sum + bytes, 0)

/** Merges partitions of whole files into one, named after the first. */
function together(group: readonly Partition[]): Partition {
  const [first] = group
  if (first !== undefined && group.length === 1) return first
  const files = group.map(({ spec }) => spec as FileRange)
  return {
    key: `${first?.key}-and-${group.length - 1}-more`,
    bytes: bytesOf(group),
    spec: { files },
  }
}

async function isArray({ storage }: Context, path: string): Promise<boolean> {
  const handle = await storage.open(path)
  try {
    return arrayOpening(await handle.read(0, OPENING_BYTES)) !== undefined
  } finally {
    await handle.close()
  }
}

/** How the lines of a partition are read. */
export interface LineReadOptions {
  readonly maxLineBytes: number
  /** As in `LineInput`; both must agree. */
  readonly arrays?: boolean
  /** End of the name of the archive member to read. */
  readonly member?: string
}

/** A partition opened for reading. */
export interface LineReader {
  /** The lines in order, in groups. */
  readonly groups: AsyncIterable<readonly Line[]>
  /** Turns the line into a skipped item with its place: the byte, and the line number if known. */
  skip(line: Line, reason: string): Skipped & { readonly cursor: Cursor }
  /** Like `skip`, for a bad row: its bytes are quarantined. */
  reject(line: Line, reason: string): Skipped & { readonly cursor: Cursor }
}

/**
 * Reads the lines of a partition, starting at a cursor. Truncated or damaged input is an
 * `input-corrupt` error.
 */
export function readLines(
  context: Context,
  partition: Partition,
  from: Cursor | undefined,
  options: LineReadOptions,
): LineReader {
  const spec = partition.spec as Spec
  const ranges = 'files' in spec ? spec.files : [spec]
  const skip: LineReader['skip'] = ({ cursor, number, start, unit }, reason) => {
    const { label, start: first } = ranges[cursor.file ?? 0] ?? { label: partition.key, start: 0 }
    // Later ranges do not know how many lines precede them.
    const place = first === 0 ? `${unit} ${number} (byte ${start})` : `byte ${start}`
    return { cursor, skipped: reason, where: `${label}:${place}` }
  }
  return {
    groups: rangeGroups(context, ranges, from as LineCursor | undefined, options),
    skip,
    reject: (line, reason) => ({ ...skip(line, reason), raw: line.bytes }),
  }
}

async function* rangeGroups(
  context: Context,
  ranges: readonly FileRange[],
  from: LineCursor | undefined,
  options: LineReadOptions,
): AsyncIterable<readonly Line[]> {
  const first = from?.file ?? 0
  for (const [index, range] of ranges.entries()) {
    if (index < first) continue
    const file = ranges.length > 1 ? index : undefined
    yield* lineGroups(context, range, index === first ? from : undefined, { ...options, file })
  }
}

async function* lineGroups(
  context: Context,
  spec: FileRange,
  from: LineCursor | undefined,
  options: LineReadOptions & { readonly file: number | undefined },
): AsyncIterable<readonly Line[]> {
  const { chunks, offset } = await open(context, spec, from, options.member)
  const { maxLineBytes, file } = options
  const end = spec.compression === 'none' ? spec.end : Number.POSITIVE_INFINITY
  const rest = { maxLineBytes, offset, firstNumber: from?.line ?? 1, end, where: spec.label, file }
  const mayBeArray = options.arrays === true && offset === 0
  const lines = from?.inArray
    ? splitElements(chunks, rest)
    : mayBeArray
      ? split(chunks, rest)
      : splitLines(chunks, rest)
  for await (const group of lines) {
    context.signal.throwIfAborted()
    yield group
  }
}

/** Splits a file from its start, into elements or lines depending on its first bytes. */
async function* split(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions & { readonly where: string },
) {
  const iterator = chunks[Symbol.asyncIterator]()
  const { done, value } = await iterator.next()
  if (done) return
  const offset = arrayOpening(value)
  if (offset === undefined) yield* splitLines(continued(value, iterator), options)
  else yield* splitElements(continued(value.subarray(offset), iterator), { ...options, offset })
}

async function open(
  context: Context,
  spec: FileRange,
  from: LineCursor | undefined,
  member: string | undefined,
) {
  const { storage } = context
  const { path, label, compression, start } = spec
  if (compression !== 'none') {
    const plain = decompress(storage, path, {
      compression,
      where: label,
      ...(member ? { member } : {}),
    })
    return from
      ? { chunks: afterBytes(plain, from.byte, label), offset: from.byte }
      : { chunks: plain, offset: 0 }
  }
  if (from) return { chunks: storage.stream(path, from.byte), offset: from.byte }
  const offset = start === 0 ? 0 : await firstLineStart(storage.stream(path, start - 1), start - 1)
  return { chunks: storage.stream(path, offset), offset }
}
