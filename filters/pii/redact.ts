// Rewrites columns with placeholders.
import { createHash } from 'node:crypto'
import { bytesAt, type TextColumn, textAt, textBuilder, textColumn } from '../../src/core/batch.ts'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import type { Json } from '../../src/core/document.ts'
import { giveBack, takeMemory } from '../../src/core/text-memory.ts'
import { type Candidates, candidateScanner } from '../../src/kernels/candidates/candidates.ts'
import { findIn, WANTED } from './find.ts'
import type { Finding } from './finding.ts'
import type { Naming } from './placeholder.ts'

/** Called for every finding of every row, before it is replaced. */
type Observer = (row: number, finding: Finding) => void

/** How a column is searched and rewritten. */
export interface Redactor {
  /** The column with every finding replaced; the same column if there is none. */
  text(
    column: TextColumn,
    isStrict: (row: number) => boolean,
    seen: Observer,
    name: Naming,
  ): TextColumn
  /**
   * Rows are JSON objects: their strings are searched, and numbers whose key says what they are.
   */
  json(column: TextColumn, seen: Observer, name: Naming): TextColumn
  /**
   * Rows are `<prefix><natural key>`: a key with a finding in it becomes a hash of the whole key.
   */
  ids(column: TextColumn, prefixBytes: number, seen: Observer): TextColumn
}

/** A redactor; each has its own scanner and must not be used by two callers at once. */
export function redactor(): Redactor {
  const scan = candidateScanner(WANTED)
  return {
    text(column, isStrict, seen, name) {
      const found = findAll(scan(column), column, isStrict, seen)
      if (found.length === 0) return column
      const drafts: TextColumn[] = []
      const replaced = replaceRows(
        column,
        redactAgain(scan, column, found, isStrict, seen, name, drafts),
      )
      for (const { bytes } of drafts) giveBack(bytes)
      return replaced
    },
    json(column, seen, name) {
      const suspects = rowsOf(column, scan(column))
      return replaceTexts(column, rowsWithFindings(scan, column, suspects), (row) => {
        const redact = (value: string): string =>
          redactString(
            scan,
            value,
            (finding) => seen(row, finding),
            (_, finding, bytes) => name(row, finding, bytes),
          )
        return canonicalJson(redactJson(jsonAt(column, row), redact))
      })
    },
    ids(column, prefixBytes, seen) {
      const found = findAll(scan(column), column, () => true, seen)
      const rows = found.map(({ row }) => row)
      return replaceTexts(column, rows, (row) => {
        const id = Buffer.from(bytesAt(column, row))
        const hash = createHash('sha256')
          .update(id.subarray(prefixBytes))
          .digest('hex')
          .slice(0, 32)
        return `${id.toString('utf8', 0, prefixBytes)}redacted-${hash}`
      })
    },
  }
}

/** A row, and its findings or its new content. */
interface Found {
  readonly row: number
  readonly findings: readonly Finding[]
}
interface Changed {
  readonly row: number
  readonly bytes: Uint8Array
}

/** The rows in which something was found, in order. */
function findAll(
  candidates: Candidates,
  { bytes: { buffer, byteOffset, length }, offsets }: TextColumn,
  isStrict: (row: number) => boolean,
  seen: Observer,
): Found[] {
  const bytes = Buffer.from(buffer, byteOffset, length)
  const found: Found[] = []
  let row = 0
  for (let next = 0; next < candidates.count; row++) {
    const end = offsets[row + 1] ?? 0
    const first = next
    while (next < candidates.count && (candidates.positions[next] ?? 0) < end) next++
    if (first === next) continue
    const findings = findIn(
      { bytes, start: offsets[row] ?? 0, end, strict: isStrict(row) },
      candidates,
      first,
      next,
    )
    if (findings.length > 0) found.push({ row, findings })
    for (const finding of findings) seen(row, finding)
  }
  return found
}

/**
 * A placeholder may expose a value that was hidden before it, so changed rows in `drafts` are
 * searched again until nothing is found.
 */
function redactAgain(
  scan: (column: TextColumn) => Candidates,
  column: TextColumn,
  found: readonly Found[],
  isStrict: (row: number) => boolean,
  seen: Observer,
  name: Naming,
  drafts: TextColumn[],
): Changed[] {
  let rows = found.map(({ row }) => row)
  let texts = redactRows(column, found, name)
  const done: Changed[] = []
  for (;;) {
    drafts.push(texts)
    const current = rows
    const again = findAll(
      scan(texts),
      texts,
      (index) => isStrict(current[index] ?? 0),
      (index, finding) => seen(current[index] ?? 0, finding),
    )
    const changing = new Set(again.map(({ row }) => row))
    for (const [index, row] of rows.entries())
      if (!changing.has(index)) done.push({ row, bytes: bytesAt(texts, index) })
    if (again.length === 0) return done.sort((a, b) => a.row - b.row)
    rows = again.map(({ row }) => rows[row] ?? 0)
    texts = redactRows(texts, again, (index, finding, bytes) =>
      name(current[index] ?? 0, finding, bytes),
    )
  }
}

/** A column of the rows with findings, each replaced by its name. */
function redactRows(
  { bytes, offsets }: TextColumn,
  found: readonly Found[],
  name: Naming,
): TextColumn {
  const length = found.reduce(
    (sum, { row }) => sum + (offsets[row + 1] ?? 0) - (offsets[row] ?? 0),
    64,
  )
  const builder = textBuilder(found.length, length)
  for (const { row, findings } of found) {
    let copied = offsets[row] ?? 0
    for (const finding of findings) {
      builder.append(bytes, copied, finding.start)
      builder.append(name(row, finding, bytes))
      copied = finding.end
    }
    builder.append(bytes, copied, offsets[row + 1] ?? 0)
    builder.endRow()
  }
  return builder.finish()
}

/** The column with some rows replaced; `changed` is in order of rows. */
function replaceRows({ bytes, offsets }: TextColumn, changed: readonly Changed[]): TextColumn {
  let length = offsets.at(-1) ?? 0
  for (const { row, bytes } of changed)
    length += bytes.length - ((offsets[row + 1] ?? 0) - (offsets[row] ?? 0))
  const replaced = takeMemory(length).subarray(0, length)
  const moved = Int32Array.from(offsets)
  let row = 0
  let shift = 0
  const copyUntil = (to: number): void => {
    replaced.set(bytes.subarray(offsets[row], offsets[to]), (offsets[row] ?? 0) + shift)
    for (; row < to; row++) moved[row + 1] = (offsets[row + 1] ?? 0) + shift
  }
  for (const change of changed) {
    copyUntil(change.row)
    replaced.set(change.bytes, (offsets[row] ?? 0) + shift)
    shift += change.bytes.length - ((offsets[row + 1] ?? 0) - (offsets[row] ?? 0))
    row++
    moved[row] = (offsets[row] ?? 0) + shift
  }
  copyUntil(offsets.length - 1)
  return { bytes: replaced, offsets: moved }
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

/** The column with the given rows rewritten; undefined leaves a row unchanged. */
function replaceTexts(
  column: TextColumn,
  rows: readonly number[],
  make: (row: number) => string | undefined,
): TextColumn {
  const changed: Changed[] = []
  for (const row of rows) {
    const text = make(row)
    if (text !== undefined) changed.push({ row, bytes: Buffer.from(text) })
  }
  return changed.length === 0 ? column : replaceRows(column, changed)
}

const jsonAt = (column: TextColumn, row: number): Json => JSON.parse(textAt(column, row)) as Json

/** The JSON rows with a finding in their strings; most suspects hold only dates and identifiers. */
function rowsWithFindings(
  scan: (column: TextColumn) => Candidates,
  column: TextColumn,
  rows: readonly number[],
): readonly number[] {
  const strings: string[] = []
  const owners: number[] = []
  for (const row of rows) {
    redactJson(jsonAt(column, row), (value) => {
      if (value.length >= LEAST_LENGTH) {
        strings.push(value)
        owners.push(row)
      }
      return value
    })
  }
  const all = textColumn(strings)
  const found = findAll(
    scan(all),
    all,
    () => false,
    () => {},
  )
  return [...new Set(found.map(({ row }) => owners[row] ?? 0))]
}

/** Nothing personal is shorter. */
const LEAST_LENGTH = 5

function redactString(
  scan: (column: TextColumn) => Candidates,
  value: string,
  seen: (finding: Finding) => void,
  name: Naming,
): string {
  if (value.length < LEAST_LENGTH) return value
  // A finding may hide another one, so that what is left is searched again.
  for (let text = value; ; ) {
    const bytes = Buffer.from(text)
    const column = { bytes, offsets: Int32Array.of(0, bytes.length) }
    const found = findAll(
      scan(column),
      column,
      () => false,
      (_row, finding) => seen(finding),
    )
    if (found.length === 0) return text
    const redacted = redactRows(column, found, name)
    text = Buffer.from(redacted.bytes.subarray(0, redacted.offsets.at(-1))).toString()
  }
}

/** Keys under which a bare number is personal. */
const PERSONAL_KEY =
  /phone|mobile|tel|fax|whats|card|iban|ssn|iqama|national_?id|هاتف|جوال|موبايل|هوية|بطاقة/i

/**
 * A string of only digits and signs is treated as a number: an identifier, unless its key says
 * otherwise.
 */
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
    // Two names that are redacted to the same name both keep their values.
    while (members.has(clean)) clean += '-'
    members.set(clean, redactJson(inner as Json, redact, name))
  }
  return Object.fromEntries(members)
}
