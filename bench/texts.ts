// The text everything is measured on, built the same way on every machine: documentation and
// translations of installed packages, our samples, and text resampled from them if there is not
// enough.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from './random.ts'

/** Bytes of text by origin. */
const SHARES = { packageDocs: 1_000_000, otherLanguages: 1_000_000, resampled: 2_000_000 }
const DOCUMENT_BYTES = 3000
/** Short enough for 20,000 of them. */
const SNIPPET_BYTES = 250

export interface BenchTexts {
  /** One document a line, `{"id", "text"}`. */
  readonly path: string
  readonly documents: number
  readonly bytes: number
  readonly sha256: string
}

/** Whole texts by language, to cut and resample from. */
export interface TextSources {
  readonly english: readonly string[]
  readonly arabic: readonly string[]
  readonly others: readonly string[]
}

/** Reads the sources. `packages` is the folder of Python packages with translations, if any. */
export function textSources(root: string, packages: string | undefined): TextSources {
  const translations =
    packages === undefined ? new Map<string, string[]>() : translationsOf(packages)
  const arabic = [...(translations.get('ar') ?? []), ...samplesOf(root)].filter(isArabic)
  const others = [...translations]
    .filter(([locale]) => locale !== 'ar' && locale !== 'en')
    .flatMap(([, texts]) => texts)
  return { english: markdownOf(join(root, 'node_modules')), arabic, others }
}

/** Writes the contests' documents into `folder`. */
export function buildTexts(sources: TextSources, folder: string): BenchTexts {
  const documents = [
    ...cut(sources.english.join('\n\n'), SHARES.packageDocs),
    ...cut(shuffled(sources.others, 7).join('\n'), SHARES.otherLanguages),
    ...resampledDocuments(sources, SHARES.resampled, 1),
  ]
  return writeTexts(join(folder, 'texts.ndjson'), shuffled(documents, 3))
}

/**
 * Writes short documents of real text only: half documentation, half translations into a hundred
 * languages. Nothing is resampled, so words repeat as they do in real text.
 */
export function buildSnippets(sources: TextSources, folder: string): BenchTexts {
  const documents = [
    sources.english.join('\n\n'),
    shuffled([...sources.others, ...sources.arabic], 7).join('\n'),
  ]
  const cutUp = documents.flatMap((text) => cut(text, 3_000_000, SNIPPET_BYTES))
  return writeTexts(join(folder, 'snippets.ndjson'), shuffled(cutUp, 5))
}

/** Writes documents as NDJSON and returns their description. Ids begin with `prefix`. */
export function writeTexts(
  path: string,
  documents: readonly string[],
  prefix = 'bench',
): BenchTexts {
  const content = ndjson(documents, prefix)
  writeFileSync(path, content)
  const bytes = documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return {
    path,
    documents: documents.length,
    bytes,
    sha256: createHash('sha256').update(content).digest('hex'),
  }
}

const ndjson = (documents: readonly string[], prefix: string): string =>
  documents.map((text, i) => `${JSON.stringify({ id: `${prefix}-${i}`, text })}\n`).join('')

/** Half English, half Arabic. */
function resampledDocuments(
  { english, arabic }: TextSources,
  bytes: number,
  seed: number,
): string[] {
  const prefixes = ['و', 'ف', 'ب', 'ل', 'وال', 'بال']
  return [
    ...cut(resampled(english, bytes / 2, seed, []), bytes / 2),
    ...cut(resampled(arabic, bytes / 2, seed + 1000, prefixes), bytes / 2),
  ]
}

const isArabic = (text: string): boolean =>
  (text.match(/[\u0621-\u064a]/g)?.length ?? 0) > text.length / 2

function markdownOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

/** The texts of our own JSON Lines samples. */
function samplesOf(root: string): string[] {
  const file = join(root, 'samples/jsonl/essays.jsonl')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [String((JSON.parse(line) as { text?: unknown }).text ?? '')]
      } catch {
        return [] // some lines of the samples are broken on purpose
      }
    })
}

/** Translated messages by locale: msgstr of every .po below a folder. */
function translationsOf(folder: string): Map<string, string[]> {
  const result = new Map<string, string[]>()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const locale = /locale[\\/]([a-zA-Z_]+)[\\/]LC_MESSAGES[\\/].*\.po$/.exec(name)?.[1]
    if (locale === undefined) continue
    const messages = [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/^msgstr (?:"")?((?:\s*".*"\n)+)/gm),
    ]
    const texts = messages.map(([, quoted = '']) =>
      quoted
        .replaceAll(/^\s*"|"$/gm, '')
        .replaceAll('\\n', '\n')
        .trim(),
    )
    result.set(locale, [...(result.get(locale) ?? []), ...texts.filter((text) => text !== '')])
  }
  return result
}

/** Pieces that end at line ends, of slightly more than 3,000 bytes, until there are enough. */
function cut(text: string, bytes: number, pieceBytes = DOCUMENT_BYTES): string[] {
  const pieces: string[] = []
  let piece: string[] = []
  let size = 0
  let total = 0
  for (const line of text.split('\n')) {
    piece.push(line)
    size += Buffer.byteLength(line) + 1
    if (size < pieceBytes) continue
    pieces.push(piece.join('\n'))
    total += size
    piece = []
    size = 0
    if (total >= bytes) break
  }
  return pieces
}

/**
 * Sentences of a first-order chain over the words of the texts; some words get a prefix, which
 * makes for the long tail that inflection has.
 */
function resampled(
  texts: readonly string[],
  bytes: number,
  seed: number,
  prefixes: readonly string[],
): string {
  const random = seededRandom(seed)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const followers = new Map<string, string[]>()
  const words = texts
    .flatMap((text) => text.split(/\s+/))
    .filter((word) => word !== '' && word.length < 30)
  for (const [i, word] of words.entries()) {
    const next = words[i + 1]
    if (next === undefined) continue
    const list = followers.get(word)
    if (list === undefined) followers.set(word, [next])
    else list.push(next)
  }
  if (words.length === 0) return ''
  const lines: string[] = []
  for (let total = 0, word = pick(words); total < bytes; ) {
    const sentence: string[] = []
    for (let length = 8 + Math.floor(random() * 25); length > 0; length--) {
      sentence.push(prefixes.length > 0 && random() < 0.2 ? pick(prefixes) + word : word)
      word = random() < 0.05 ? pick(words) : pick(followers.get(word) ?? words)
    }
    lines.push(`${sentence.join(' ')}.`)
    total += Buffer.byteLength(lines.at(-1) ?? '') + 1
  }
  return lines.join('\n')
}

/** The same values in another order, the same for the same seed. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  const result = [...values]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[result[i], result[j]] = [result[j] as T, result[i] as T]
  }
  return result
}
