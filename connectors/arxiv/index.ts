import { z } from 'zod'
import type { Context } from '../../src/core/component.ts'
import {
  type Cursor,
  defineConnector,
  type Item,
  type Partition,
} from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import { isEtlError } from '../../src/core/errors.ts'
import { decompress } from '../../src/files/compression/decompress.ts'
import { findInputs } from '../../src/files/inputs.ts'
import { linePartitions, PARTITION_BYTES, readLines } from '../../src/files/lines/line-files.ts'
import { latexToText } from '../../src/text/latex/convert.ts'
import { abstractDocument, paperDocument } from './document.ts'
import { type EprintIndex, eprintIndex } from './eprints.ts'
import { oaiRecords } from './oai.ts'
import { categoryJudge, licenseName, type Paper } from './paper.ts'
import { paperOfRow } from './snapshot.ts'
import { paperSource, TooLarge } from './source.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe(
      'File, folder or glob: metadata as the snapshot (JSON Lines) or OAI-PMH responses (.xml).',
    ),
  eprints: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder or glob of paper sources: files named by arXiv id, or tars of such files. ' +
        'If omitted, only abstracts are read.',
    ),
  categories: z
    .array(z.string().min(1))
    .min(1)
    .default(['astro-ph*', 'gr-qc', 'physics.gen-ph'])
    .describe('Categories to read; a `*` at the end covers the archive and all its subjects.'),
  primaryOnly: z
    .boolean()
    .default(false)
    .describe('Whether only the first category of a paper counts.'),
  licenses: z
    .array(z.string())
    .default(['CC-BY-4.0', 'CC-BY-3.0', 'CC-BY-SA-4.0', 'CC-BY-SA-3.0', 'CC0-1.0'])
    .describe(
      'Licences (SPDX) under which the full text is read; ' +
        'other papers give only the abstract, which is CC0.',
    ),
  fullText: z
    .boolean()
    .default(true)
    .describe('Whether to read full texts where licence and sources allow it.'),
  maxTexBytes: z
    .int()
    .min(1)
    .default(16 << 20)
    .describe('Limit for the TeX of one paper in bytes, all its files together.'),
  maxLineBytes: z
    .int()
    .min(1)
    .default(1 << 20)
    .describe('Longest line of the snapshot in bytes; longer ones are skipped.'),
  partitionBytes: z
    .int()
    .min(1)
    .default(PARTITION_BYTES)
    .describe('Bytes per partition of an uncompressed snapshot.'),
})

type Options = z.output<typeof options>

const isXml = (label: string): boolean => /\.xml(?:\.(?:gz|zst|bz2|xz))?$/i.test(label)

/**
 * Reads arXiv papers: the full text if the licence allows redistribution, otherwise the abstract.
 */
export const arxiv = defineConnector({
  name: 'arxiv',
  version: 1,
  summary:
    'arXiv papers by category: LaTeX sources where the licence allows it, abstracts otherwise.',
  options,
  example: { input: 'fixtures/metadata.jsonl', eprints: 'fixtures/eprints' },
  create(options, context) {
    const itemsOf = paperReader(options, context)
    return {
      partitions: () => partitions(options, context),
      async *read(partition, from) {
        // A paper may yield two items: the reason why there is no full text, and the abstract.
        // Reading can resume between them: `taken` counts the items already yielded of the next
        // record.
        const { at, taken } = (from ?? { at: null, taken: 0 }) as { at: Cursor; taken: number }
        const records = isXml(partition.key) ? xmlRecords : snapshotRecords
        let before = at
        let skip = taken
        for await (const record of records(options, context, partition, at ?? undefined)) {
          context.signal.throwIfAborted()
          const items =
            'paper' in record ? await itemsOf(record.paper, record.where) : [record.skipped]
          for (const [index, item] of items.entries()) {
            if (index < skip) continue
            const isLast = index === items.length - 1
            yield {
              ...item,
              cursor: isLast ? { at: record.next, taken: 0 } : { at: before, taken: index + 1 },
            } as Item
          }
          skip = 0
          before = record.next
        }
      },
    }
  },
})

async function* partitions(options: Options, context: Context): AsyncIterable<Partition> {
  const files = await findInputs(context, options.input)
  // Fails early if the sources are missing.
  if (options.eprints !== undefined) await findInputs(context, options.eprints)
  if (files.some(({ label }) => !isXml(label))) {
    yield* linePartitions(context, {
      ...options,
      grouped: true,
      accepts: ({ label }) => !isXml(label),
    })
  }
  for (const { path, label, key, size } of files) {
    if (isXml(label))
      yield { key: isXml(key) ? key : `${key}.xml`, bytes: size, spec: { path, label } }
  }
}

type Content =
  | { readonly document: Document }
  | { readonly skipped: string; readonly where: string; readonly raw?: Uint8Array }

/** One entry of the metadata, and the cursor after it. */
type MetadataRecord = { readonly next: Cursor } & (
  | { readonly paper: Paper; readonly where: string }
  | { readonly skipped: Content }
)

async function* snapshotRecords(
  options: Options,
  context: Context,
  partition: Partition,
  from: Cursor | undefined,
): AsyncIterable<MetadataRecord> {
  const lines = readLines(context, partition, from, options)
  for await (const group of lines.groups) {
    for (const line of group) {
      const paper = line.cut ? undefined : paperOfRow(line.bytes)
      const isBlank = line.bytes.length === 0
      const { cursor: next, ...skipped } = lines.reject(
        line,
        line.cut ? 'line-too-long' : 'malformed-row',
      )
      if (paper) yield { next, paper, where: skipped.where }
      else if (!isBlank) yield { next, skipped }
    }
  }
}

/**
 * Yields the records of one response. These files are small, so resuming reads them again from the
 * start.
 */
async function* xmlRecords(
  _options: Options,
  context: Context,
  { spec }: Partition,
  from: Cursor | undefined,
): AsyncIterable<MetadataRecord> {
  const { path, label } = spec as { path: string; label: string }
  let number = 0
  for await (const record of oaiRecords(
    decompress(context.storage, path, { where: label }),
    label,
  )) {
    number++
    if (number <= Number(from ?? 0)) continue
    const where = `${label}:record ${number}`
    if (typeof record === 'string') yield { next: number, skipped: { skipped: record, where } }
    else yield { next: number, paper: record, where }
  }
}

/** Returns a function that decides what a paper yields and reads its source. */
function paperReader(
  options: Options,
  context: Context,
): (paper: Paper, where: string) => Promise<Content[]> {
  const isWanted = categoryJudge(options.categories, options.primaryOnly)
  const allowed = new Set(options.licenses)
  let index: Promise<EprintIndex> | undefined
  return async (paper, where) => {
    if (!isWanted(paper)) return [{ skipped: 'other-category', where }]
    if (paper.isWithdrawn) return [{ skipped: 'withdrawn', where }]
    const mayRead =
      options.fullText && paper.license !== undefined && allowed.has(licenseName(paper.license))
    if (options.eprints === undefined || !mayRead) return [{ document: abstractDocument(paper) }]
    index ??= eprintIndex(context, options.eprints)
    const place = await (await index).find(paper.id)
    if (!place) return [{ document: abstractDocument(paper) }]
    const isOlder = place.version !== undefined && place.version !== paper.version
    // The metadata states only the licence of the latest version.
    const document = isOlder ? 'other-version' : await fullText(paper, place)
    if (typeof document !== 'string') return [{ document }]
    return [{ skipped: document, where: place.where }, { document: abstractDocument(paper) }]
  }

  async function fullText(
    paper: Paper,
    place: Parameters<typeof paperSource>[1],
  ): Promise<Document | string> {
    try {
      const source = await paperSource(context.storage, place, options.maxTexBytes)
      if ('refused' in source) return source.refused
      const latex = latexToText(source.files, source.main)
      if (latex.isCut) return 'tex-too-complex'
      return latex.body.length < MIN_BODY ? 'no-text' : paperDocument(paper, latex)
    } catch (error) {
      if (error instanceof TooLarge) return 'eprint-too-large'
      if (isEtlError(error) && error.code === 'input-corrupt') return 'damaged-eprint'
      throw error
    }
  }
}

/** Shortest body in characters. Shorter ones are notes that the text is elsewhere. */
const MIN_BODY = 500
