import { resolve } from 'node:path'
import { EtlError } from '../../core/errors.ts'
import type { FileInfo, Storage } from '../../core/storage.ts'
import { decompress } from '../../files/compression/decompress.ts'
import { splitLines } from '../../files/lines/lines.ts'
import type { Plan } from '../plan/plan.ts'

/** Where the files of a benchmark are, and which of their fields are protected: all by default. */
export interface BenchmarkInput {
  readonly name: string
  readonly input: string
  readonly fields?: readonly string[] | undefined
}

const MAX_LINE_BYTES = 64 << 20
/** JSON, CSV and text files are read into memory as a whole. */
const MAX_FILE_BYTES = 512 << 20

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The files of a benchmark; throws `input-missing` if there are none. */
export async function benchmarkFiles(
  storage: Storage,
  folder: string,
  input: string,
): Promise<FileInfo[]> {
  const files = await storage.find(resolve(folder, input))
  if (files.length > 0) return files
  throw new EtlError('input-missing', {
    where: input,
    what: 'no benchmark file is here, or none matches the pattern',
  })
}

/**
 * Every protected text of a benchmark's files, in UTF-8: one for each wanted field of each record.
 * Throws `input-missing` if there is none.
 */
export async function* benchmarkTexts(
  storage: Storage,
  folder: string,
  { input, fields }: BenchmarkInput,
): AsyncIterable<Uint8Array> {
  const files = await benchmarkFiles(storage, folder, input)
  const wanted = fields === undefined ? undefined : new Set(fields)
  let found = false
  for (const { path } of files) {
    for await (const text of readFile(storage, path, wanted)) {
      if (text.trim() === '') continue
      found = true
      yield encoder.encode(text)
    }
  }
  if (!found) {
    const where = fields ? ` in its fields ${fields.join(', ')}` : ''
    const what = `the benchmark has no text${where}: it would protect nothing`
    throw new EtlError('input-missing', { where: input, what })
  }
}

function readFile(
  storage: Storage,
  path: string,
  wanted: ReadonlySet<string> | undefined,
): AsyncIterable<string> {
  const format = /\.(jsonl|ndjson|json|csv|tsv|txt)(\.(gz|zst|bz2|xz))?$/i
    .exec(path)?.[1]
    ?.toLowerCase()
  if (format === 'jsonl' || format === 'ndjson') return readJsonLines(storage, path, wanted)
  if (format === 'json') return readJson(storage, path, wanted)
  if (format === 'csv') return readTable(storage, path, ',', wanted)
  if (format === 'tsv') return readTable(storage, path, '\t', wanted)
  if (format === 'txt') return readText(storage, path)
  throw new EtlError('input-unsupported', {
    where: path,
    what: 'not a benchmark format',
    hint: 'Convert it to .jsonl, .json, .csv, .tsv or .txt, packed or not.',
  })
}

async function* readJsonLines(
  storage: Storage,
  path: string,
  wanted: ReadonlySet<string> | undefined,
) {
  for await (const lines of splitLines(decompress(storage, path), {
    maxLineBytes: MAX_LINE_BYTES,
  })) {
    for (const { bytes, number, cut } of lines) {
      if (cut)
        throw new EtlError('input-corrupt', {
          where: `${path}:${number}`,
          what: 'a line of more than 64 MiB',
        })
      if (bytes.length > 0) yield* stringsIn(parse(bytes, `${path}:${number}`), wanted)
    }
  }
}

async function* readJson(storage: Storage, path: string, wanted: ReadonlySet<string> | undefined) {
  yield* stringsIn(parse(await readWhole(storage, path), path), wanted)
}

async function* readText(storage: Storage, path: string) {
  yield decode(await readWhole(storage, path), path)
}

async function* readTable(
  storage: Storage,
  path: string,
  comma: string,
  wanted: ReadonlySet<string> | undefined,
) {
  const [header, ...rows] = tableRows(
    decode(await readWhole(storage, path), path).replace(/^\ufeff/, ''),
    comma,
  )
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      if (wanted?.has(header?.[column] ?? '') ?? true) yield cell
  }
}

async function readWhole(storage: Storage, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of decompress(storage, path)) {
    parts.push(part)
    length += part.length
    if (length > MAX_FILE_BYTES) {
      const what = 'a benchmark file of more than 512 MiB'
      throw new EtlError('input-unsupported', {
        where: path,
        what,
        hint: 'Convert it to JSON lines.',
      })
    }
  }
  return Buffer.concat(parts)
}

function decode(bytes: Uint8Array, where: string): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new EtlError('input-corrupt', { where, what: 'not UTF-8', cause })
  }
}

function parse(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(decode(bytes, where))
  } catch (cause) {
    if (cause instanceof EtlError) throw cause
    throw new EtlError('input-corrupt', {
      where,
      what: `not JSON: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    })
  }
}

/**
 * The strings of a JSON value at any depth, in order. With `wanted`, only those below one of these
 * names.
 */
function* stringsIn(value: unknown, wanted: ReadonlySet<string> | undefined): Iterable<string> {
  const left = [{ value, inside: wanted === undefined }]
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, inside } = next
    if (typeof value === 'string') {
      if (inside) yield value
    } else if (typeof value === 'object' && value !== null) {
      const isList = Array.isArray(value)
      const members = Object.entries(value).map(([name, value]) => {
        return { value, inside: inside || (!isList && (wanted?.has(name) ?? false)) }
      })
      for (const member of members.reverse()) left.push(member)
    }
  }
}

/**
 * Parses separated values (RFC 4180): quoted cells may contain separators, line ends and doubled
 * quotes.
 */
export function tableRows(text: string, comma: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quoted) {
      if (char !== '"') cell += char
      else if (text[at + 1] === '"') cell += text[++at]
      else quoted = false
    } else if (char === '"' && cell === '') quoted = true
    else if (char === comma) {
      row.push(cell)
      cell = ''
    } else if (char === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')])
      row = []
      cell = ''
    } else cell += char
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell])
  return rows
}

/**
 * What the outcome of decontamination depends on besides the documents: the options and the
 * benchmark files, with sizes and times. Throws `input-missing` for a benchmark without files.
 */
export async function contaminationInputs({ storage, manifest }: Plan): Promise<unknown> {
  const options = manifest.decontaminate
  if (!options) return null
  const files = await Promise.all(
    options.benchmarks.map(({ input }) => benchmarkFiles(storage, manifest.folder, input)),
  )
  return [
    options,
    manifest.split,
    files.map((found) => found.map(({ path, size, modified = 0 }) => [path, size, modified])),
  ]
}
