// StarCoder and StarCoder 2 rules for source code. Thresholds are those of the papers (2305.06161,
// 2402.19173) as their preprocessing applies them. Lengths are in code points and letters of any
// script count, so that Arabic comments count like English ones.
import { z } from 'zod'
import { kindAt, textAt } from '../src/core/batch.ts'
import { defineFilter, type Judgement } from '../src/core/filter.ts'
import { atLeast, atMost, judgedBy, notAmong } from '../src/core/judgement.ts'

const options = z.strictObject({
  maxLineLength: z
    .number()
    .min(1)
    .default(1000)
    .describe('Characters in the longest line at most.'),
  maxMeanLineLength: z
    .number()
    .min(1)
    .default(100)
    .describe('Characters per line at most, on average.'),
  maxMarkupLineLength: z
    .number()
    .min(1)
    .default(100_000)
    .describe(
      'Characters in the longest line of markup and data languages, whose mean is not limited.',
    ),
  maxLines: z.number().min(1).default(100_000).describe('Lines at most.'),
  maxDataLines: z
    .number()
    .min(1)
    .default(512)
    .describe('Lines of JSON, YAML, plain text and other data at most.'),
  maxDataCharacters: z
    .number()
    .min(1)
    .default(5000)
    .describe('Characters of JSON and YAML at most.'),
  minDataCharacters: z
    .number()
    .min(0)
    .default(50)
    .describe('Characters of JSON and YAML at least.'),
  minLetterShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Share of characters that are letters at least.'),
  maxEncodedRun: z
    .number()
    .min(1)
    .default(1024)
    .describe('Characters in one run of Base64, hexadecimal or escapes at most.'),
  maxEncodedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Share of characters in such runs at most.'),
})

/** Linguist names in lower case. */
const MARKUP = new Set([
  'html',
  'json',
  'markdown',
  'roff',
  'roff manpage',
  'smt',
  'tex',
  'text',
  'xml',
])
const DATA = new Set(['text', 'json', 'yaml', 'web ontology language', 'graphviz (dot)'])
const SIZED = new Set(['json', 'yaml'])
/**
 * In these languages, instructions are mostly numbers and registers, so digits count like letters.
 */
const ALPHANUMERIC = new Set(['motorola 68k assembly', 'webassembly'])

const GENERATED =
  /auto-?generated|automatically generated|generated automatically|this file is generated|@generated\b/i
/**
 * Pieces of encoded data: at least 64 Base64 characters, 8 hexadecimal bytes or 8 escapes. Bounded,
 * since V8 runs out of stack on huge matches.
 */
const ENCODED =
  /[A-Za-z0-9+/=]{64,2048}|(?:(?:0x|\\x)[0-9a-fA-F]{2}[,\s]{0,3}){8,256}|(?:\\u[0-9a-fA-F]{4}){8,256}/g

/** Line lengths, letters and encoded data of source code, as the big code corpora were cleaned. */
export const codeLines = defineFilter({
  name: 'code-lines',
  version: 1,
  summary: 'Drops minified, generated, encoded and data-only source files by the StarCoder rules.',
  options,
  example: {},
  thresholds: [
    ...([
      'maxLineLength',
      'maxMeanLineLength',
      'maxMarkupLineLength',
      'maxLines',
      'maxDataLines',
    ] as const),
    ...([
      'maxDataCharacters',
      'minDataCharacters',
      'minLetterShare',
      'maxEncodedRun',
      'maxEncodedShare',
    ] as const),
  ],
  create: (limits) => ({
    reasons: [
      ...['generated', 'xml', 'too-many-lines', 'long-line', 'long-lines'],
      ...['data-size', 'few-letters', 'encoded-data'],
    ],
    measures: {
      lines: { type: 'count', description: 'Lines.' },
      characters: { type: 'count', description: 'Code points.' },
      longestLine: { type: 'count', description: 'Code points in the longest line.' },
      letterShare: {
        type: 'number',
        description: 'Share of code points that are letters of any script, 0 to 1.',
      },
      alphanumericShare: {
        type: 'number',
        description: 'Share of code points that are letters or digits, 0 to 1.',
      },
      longestEncoded: {
        type: 'count',
        description: 'Characters in the longest run of Base64, hexadecimal or escapes.',
      },
      encodedShare: { type: 'number', description: 'Share of characters in such runs, 0 to 1.' },
      marker: { type: 'label', description: '`generated` or `xml` where the first lines say so.' },
    },
    limits: [
      { measure: 'lines', side: 'most', at: limits.maxLines },
      { measure: 'lines', side: 'most', at: limits.maxDataLines, scope: 'data' },
      { measure: 'longestLine', side: 'most', at: limits.maxLineLength },
      { measure: 'longestLine', side: 'most', at: limits.maxMarkupLineLength, scope: 'markup' },
      { measure: 'letterShare', side: 'least', at: limits.minLetterShare },
      { measure: 'longestEncoded', side: 'most', at: limits.maxEncodedRun },
      { measure: 'encodedShare', side: 'most', at: limits.maxEncodedShare },
    ],
    measure(batch, out) {
      for (let row = 0; row < batch.rows; row++) {
        if (kindAt(batch, row) !== 'code') continue
        const found = inspect(textAt(batch.text, row))
        for (const name of ['lines', 'characters', 'longestLine', 'longestEncoded'] as const)
          out.count(name)[row] = found[name]
        for (const name of ['letterShare', 'alphanumericShare', 'encodedShare'] as const)
          out.number(name)[row] = found[name]
        out.label('marker')[row] = found.marker
      }
    },
    ...judgedBy(({ kind, lang, values }) =>
      kind === 'code' ? judgements(lang, values as unknown as Inspection, limits) : [],
    ),
  }),
})

interface Inspection {
  readonly lines: number
  readonly characters: number
  readonly longestLine: number
  readonly letterShare: number
  readonly alphanumericShare: number
  readonly longestEncoded: number
  readonly encodedShare: number
  readonly marker: string
}

function inspect(text: string): Inspection {
  const lines = text.replace(/\r?\n$/, '').split('\n')
  const characters = points(text)
  const letters = countOf(text, /\p{L}+/gu)
  const digits = countOf(text, /\p{Nd}+/gu)
  const encoded = encodedRuns(text)
  const share = (part: number): number => (characters === 0 ? 0 : part / characters)
  return {
    lines: lines.length,
    characters,
    longestLine: lines.reduce(
      (longest, line) => Math.max(longest, line.length > longest ? points(line) : 0),
      0,
    ),
    letterShare: share(letters),
    alphanumericShare: share(letters + digits),
    longestEncoded: encoded.reduce((longest, length) => Math.max(longest, length), 0),
    encodedShare: share(encoded.reduce((sum, length) => sum + length, 0)),
    marker: markerOf(text, lines),
  }
}

/**
 * Lengths of runs of encoded data. Pieces that touch, or that only a line break separates, are one
 * run.
 */
function encodedRuns(text: string): number[] {
  const runs: number[] = []
  let end = -2
  for (const { 0: piece, index } of text.matchAll(ENCODED)) {
    if (index - end <= 1) runs.push((runs.pop() ?? 0) + piece.length)
    else runs.push(piece.length)
    end = index + piece.length
  }
  return runs
}

function markerOf(text: string, lines: readonly string[]): string {
  if (text.slice(0, 100).includes('<?xml version=')) return 'xml'
  return lines.slice(0, 5).some((line) => GENERATED.test(line.slice(0, 1000))) ? 'generated' : ''
}

function judgements(
  lang: string,
  values: Inspection,
  limits: z.output<typeof options>,
): readonly Judgement[] {
  const { lines, characters, longestLine, longestEncoded, encodedShare, marker } = values
  const isMarkup = MARKUP.has(lang)
  const mean = characters / Math.max(1, lines)
  const most = (reason: string, measure: string, value: number, option: keyof typeof limits) =>
    atMost({ reason, measure, value, limit: limits[option], option })
  const least = (reason: string, measure: string, value: number, option: keyof typeof limits) =>
    atLeast({ reason, measure, value, limit: limits[option], option })
  const letters = ALPHANUMERIC.has(lang) ? 'alphanumericShare' : 'letterShare'
  const unmarked = (reason: string) =>
    notAmong({ reason, measure: 'marker', value: marker, limit: [reason] })
  return [
    unmarked('generated'),
    ...(lang === 'xslt' ? [] : [unmarked('xml')]),
    most('too-many-lines', 'lines', lines, DATA.has(lang) ? 'maxDataLines' : 'maxLines'),
    isMarkup
      ? most('long-line', 'longestLine', longestLine, 'maxMarkupLineLength')
      : most('long-line', 'longestLine', longestLine, 'maxLineLength'),
    ...(isMarkup ? [] : [most('long-lines', 'characters / lines', mean, 'maxMeanLineLength')]),
    ...(SIZED.has(lang)
      ? [
          least('data-size', 'characters', characters, 'minDataCharacters'),
          most('data-size', 'characters', characters, 'maxDataCharacters'),
        ]
      : []),
    least('few-letters', letters, values[letters], 'minLetterShare'),
    most('encoded-data', 'longestEncoded', longestEncoded, 'maxEncodedRun'),
    most('encoded-data', 'encodedShare', encodedShare, 'maxEncodedShare'),
  ]
}

function points(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--
  return count
}

function countOf(text: string, pattern: RegExp): number {
  let count = 0
  for (const [run] of text.matchAll(pattern)) count += points(run)
  return count
}
