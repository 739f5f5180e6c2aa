// Columns with placeholders in them.
import { createHash } from 'node:crypto'
import { bytesAt, type TextColumn, textAt, textBuilder, textColumn } from '../../src/core/batch.ts'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import type { Json } from '../../src/core/document.ts'
import { type Candidates, candidateScanner } from '../../src/kernels/candidates.ts'
import { findIn, WANTED } from './find.ts'
import { type Finding, PLACEHOLDERS } from './finding.ts'

const PLACEHOLDER_BYTES = new Map(Object.entries(PLACEHOLDERS).map(([type, text]) => [type, Buffer.from(text)]))

/** Told of every finding of every row, before it is replaced. */
type Observer = (row: number, finding: Finding) => void

/** How a column is searched and rewritten. */
export interface Redactor {
  /** The column with every finding replaced; the same column if there is none. */
  text(column: TextColumn, isStrict: (row: number) => boolean, seen: Observer): TextColumn
  /** Rows are JSON objects: their strings are searched, and numbers whose key says what they are. */
  json(column: TextColumn, seen: Observer): TextColumn
  /** Rows are `<prefix><natural key>`: a key with a finding in it becomes a hash of the whole key. */
  ids(column: TextColumn, prefixBytes: number, seen: Observer): TextColumn
}

/** A redactor; each has its own scanner and must not be used by two callers at once. */
export function redactor(): Redactor {
  const scan = candidateScanner(WANTED)
  return {
    text(column, isStrict, seen) {
      const changed = new Set<number>()
      const once = redactColumn(scan(column), column, isStrict, (row, finding) => {
        changed.add(row)
        seen(row, finding)
      })
      return changed.size === 0 ? column : redactAgain(scan, once, [...changed], isStrict, seen)
    },
    json(column, seen) {
      const candidates = scan(column)
      const suspects = rowsOf(column, candidates)
      if (suspects.length === 0) return column
      // The scan of each value below reuses the arrays of `candidates`: they are not read any more.
      return replaceRows(column, suspects, (row) => {
        const text = Buffer.from(bytesAt(column, row)).toString()
        const redact = (value: string): string => redactString(scan, value, (finding) => seen(row, finding))
        const cleaned = canonicalJson(redactJson(JSON.parse(text) as Json, redact))
        return cleaned === text ? undefined : cleaned
      })
    },
    ids(column, prefixBytes, seen) {
      const rows = new Set<number>()
      redactColumn(
        scan(column),
        column,
        () => true,
        (row, finding) => {
          rows.add(row)
          seen(row, finding)
        },
      )
      if (rows.size === 0) return column
      return replaceRows(column, [...rows], (row) => {
        const id = Buffer.from(bytesAt(column, row))
        const hash = createHash('sha256').update(id.subarray(prefixBytes)).digest('hex').slice(0, 32)
        return `${id.toString('utf8', 0, prefixBytes)}redacted-${hash}`
      })
    },
  }
}

/** A placeholder may part what hid a value behind it: changed rows are searched again until nothing is found. */
function redactAgain(
  scan: (column: TextColumn) => Candidates,
  column: TextColumn,
  rows: readonly number[],
  isStrict: (row: number) => boolean,
  seen: Observer,
): TextColumn {
  let texts = textColumn(rows.map((row) => textAt(column, row)))
  for (;;) {
    const again = redactColumn(
      scan(texts),
      texts,
      (index) => isStrict(rows[index] ?? 0),
      (index, finding) => seen(rows[index] ?? 0, finding),
    )
    if (again === texts) break
    texts = again
  }
  const places = new Map(rows.map((row, index) => [row, index]))
  return replaceRows(column, rows, (row) => textAt(texts, places.get(row) ?? 0))
}

function redactColumn(
  candidates: Candidates,
  column: TextColumn,
  isStrict: (row: number) => boolean,
  seen: Observer,
): TextColumn {
  if (candidates.count === 0) return column
  const bytes = Buffer.from(column.bytes.buffer, column.bytes.byteOffset, column.bytes.length)
  const findings: (readonly Finding[])[] = []
  let next = 0
  let total = 0
  for (let row = 0; row + 1 < column.offsets.length; row++) {
    const start = column.offsets[row] ?? 0
    const end = column.offsets[row + 1] ?? 0
    const first = next
    while (next < candidates.count && (candidates.positions[next] ?? 0) < end) next++
    if (first === next) continue
    const found = findIn({ bytes, start, end, strict: isStrict(row) }, candidates, first, next)
    if (found.length > 0) findings[row] = found
    total += found.length
    for (const finding of found) seen(row, finding)
  }
  return total === 0 ? column : replaceFindings(column, findings)
}

function replaceFindings(column: TextColumn, findings: readonly (readonly Finding[] | undefined)[]): TextColumn {
  const rows = column.offsets.length - 1
  const builder = textBuilder(rows, column.bytes.length + 64)
  for (let row = 0; row < rows; row++) {
    let copied = column.offsets[row] ?? 0
    for (const { start, end, type } of findings[row] ?? []) {
      builder.append(column.bytes, copied, start)
      builder.append(PLACEHOLDER_BYTES.get(type) ?? new Uint8Array(0))
      copied = end
    }
    builder.append(column.bytes, copied, column.offsets[row + 1] ?? 0)
    builder.endRow()
  }
  return builder.finish()
}

/** Rows that hold a candidate. */
function rowsOf(column: TextColumn, { count, positions }: Candidates): number[] {
  const rows: number[] = []
  let row = 0
  for (let i = 0; i < count; i++) {
    while ((column.offsets[row + 1] ?? 0) <= (positions[i] ?? 0)) row++
    if (rows.at(-1) !== row) rows.push(row)
  }
  return rows
}

/** The column with some rows replaced; undefined leaves a row as it is. */
function replaceRows(
  column: TextColumn,
  rows: readonly number[],
  make: (row: number) => string | undefined,
): TextColumn {
  const wanted = new Set(rows)
  const count = column.offsets.length - 1
  const builder = textBuilder(count, column.bytes.length + 64)
  for (let row = 0; row < count; row++) {
    const replaced = wanted.has(row) ? make(row) : undefined
    if (replaced === undefined) builder.append(bytesAt(column, row))
    else builder.appendText(replaced)
    builder.endRow()
  }
  return builder.finish()
}

function redactString(
  scan: (column: TextColumn) => Candidates,
  value: string,
  seen: (finding: Finding) => void,
): string {
  if (value.length < 5) return value
  const column = textColumn([value])
  const redacted = redactColumn(
    scan(column),
    column,
    () => false,
    (_row, finding) => seen(finding),
  )
  return redacted === column ? value : Buffer.from(redacted.bytes).toString()
}

/** Keys under which a bare number is personal. */
const PERSONAL_KEY = /phone|mobile|tel|fax|whats|card|iban|ssn|iqama|national_?id|هاتف|جوال|موبايل|هوية|بطاقة/i

/** A string of nothing but digits and signs is a number here: an identifier, unless its key says otherwise. */
const NUMERIC = /^[\d\s.()/-]+$/

function redactJson(value: Json, redact: (text: string) => string, key = ''): Json {
  if (typeof value === 'string' && !NUMERIC.test(value)) return redact(value)
  if (typeof value === 'string' || typeof value === 'number') {
    if (!PERSONAL_KEY.test(key)) return value
    const told = `${key}: ${value}`
    const redacted = redact(told)
    return redacted === told ? value : redacted.slice(key.length + 2)
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => redactJson(item as Json, redact, key))
  const members = new Map<string, Json>()
  for (const [name, inner] of Object.entries(value)) {
    let clean = redact(name)
    // Two names that are redacted to the same one both keep their values.
    while (members.has(clean)) clean += '-'
    members.set(clean, redactJson(inner as Json, redact, name))
  }
  return Object.fromEntries(members)
}
