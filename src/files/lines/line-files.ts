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

/** Default of the `maxLineBytes` option of line formats: the engine's limit for one document. */
export const MAX_LINE_BYTES = 32 << 20

/** What is needed to read a line format in pieces. */
export interface LineInput {
  /** Path, folder or glob, as in the manifest. */
  readonly input: string
  /** Uncompressed files are cut into pieces of this size. */
  readonly partitionBytes: number
  /** Whether a file belongs to the source; all do unless given. */
  accepts?(file: InputFile): boolean
  /**
   * Whether a file may also be one JSON array of objects, of which each element is a line; such a
   * file is not cut.
   */
  readonly arrays?: boolean
  /**
   * Whether small files that follow each other are one partition: for formats of which every line
   * stands for itself.
   */
  readonly grouped?: boolean
}

/**
 * A partition of several files is full at this many bytes or files. A file of as many bytes is a
 * partition of its own.
 */
const GROUP_BYTES = 8 << 20
const GROUP_FILES = 1000

/** What a partition is made of: a range of a file, or several whole files. */
type Spec = FileRange | { readonly files: readonly FileRange[] }

type FileRange = { readonly path: string; readonly label: string } & {
  readonly compression: Compression
  readonly start: number
  readonly end: number
}

/**
 * Partitions of files in which every line stands for itself: byte ranges of plain files, whole
 * compressed files and, if they may be grouped, small plain files together. A line belongs to the
 * range its first byte is in.
 */
export async function* linePartitions(
  context: Context,
  options: LineInput,
): AsyncIterable<Partition> {
  const found = await findInputs(context, options.input)
  const files = found.filter((file) => options.accepts?.(file) !== false)
  if (files.length === 0) {
    const what = `none of the ${found.length} files here is of this kind, ${found[0]?.label} for one`
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

/** A file in ranges of `step` bytes; one that is empty is a range too. */
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

/** One partition of those of whole files, named after the first. */
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

export interface LineReadOptions {
  readonly maxLineBytes: number
  /** As for the partitions. */
  readonly arrays?: boolean
  /** Which file of an archive is read. */
  readonly member?: string
}

/** A partition opened for reading. */
export interface LineReader {
  /** Lines in groups, in order. */
  readonly groups: AsyncIterable<readonly Line[]>
  /**
   * The line as an item that is left out, with its place: line number where it is known, and byte.
   */
  skip(line: Line, reason: string): Skipped & { readonly cursor: Cursor }
  /** As `skip`, for a bad row: its bytes are kept aside. */
  reject(line: Line, reason: string): Skipped & { readonly cursor: Cursor }
}

/** Reads the lines of a partition from a cursor on. */
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
    // Ranges behind the first do not know how many lines came before them.
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

/** Splits a file from its beginning at what its first bytes say it is made of. */
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
