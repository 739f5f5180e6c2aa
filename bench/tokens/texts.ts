// English and Arabic to encode: real words drawn as often as they occur, so that the long tail is
// as long as it is.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { seededRandom } from '../random.ts'
import { type BenchTexts, writeTexts } from '../texts.ts'

const LANGUAGES = {
  en: { name: 'english', comma: ', ', stop: '. ', capital: true },
  ar: { name: 'arabic', comma: '، ', stop: '. ', capital: false },
} as const
export type TokenLanguage = keyof typeof LANGUAGES

const TEXT_BYTES = 8_000_000
const DOCUMENT_BYTES = 3000

/** Documents of one language with at least this many bytes in total; they depend on the seed. */
export type WordDocuments = (seed: number, bytes: number) => string[]

/** Reads the word list of a language; undefined if this Python has none. */
export function wordDocuments(language: TokenLanguage, python: string): WordDocuments | undefined {
  const script = join(process.cwd(), 'bench/tokens/words.py')
  const { status, stdout } = spawnSync(python, [script, language], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) return undefined
  const words = stdout.trimEnd().split('\n')
  return (seed, wanted) => {
    const draw = drawer(words, seededRandom(seed))
    const documents: string[] = []
    for (let bytes = 0; bytes < wanted; bytes += Buffer.byteLength(documents.at(-1) ?? '')) {
      documents.push(document(language, draw))
    }
    return documents
  }
}

/**
 * Writes the documents of one language into `folder`; undefined where this Python has no word
 * lists.
 */
export function buildWordTexts(
  language: TokenLanguage,
  python: string,
  folder: string,
): BenchTexts | undefined {
  const documents = wordDocuments(language, python)?.(language === 'en' ? 11 : 12, TEXT_BYTES)
  return documents && writeTexts(join(folder, `${LANGUAGES[language].name}.ndjson`), documents)
}

interface Draw {
  word(): string
  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number
}

/** Draws words from lines `frequency\tword`, by frequency. */
function drawer(lines: readonly string[], random: () => number): Draw {
  const words: string[] = []
  const sums = new Float64Array(lines.length)
  let sum = 0
  for (const [index, line] of lines.entries()) {
    const [frequency = '', word = ''] = line.split('\t')
    words.push(word)
    sum += Number(frequency)
    sums[index] = sum
  }
  const word = (): string => {
    const wanted = random() * sum
    let low = 0
    for (let high = sums.length - 1; low < high; ) {
      const middle = (low + high) >> 1
      if (sums[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return words[low]!
  }
  return { word, below: (limit) => Math.floor(random() * limit) }
}

/** Paragraphs of some sentences. */
function document(language: TokenLanguage, draw: Draw): string {
  const { comma, stop, capital } = LANGUAGES[language]
  let text = ''
  for (let bytes = 0; bytes < DOCUMENT_BYTES; ) {
    const first = draw.word()
    let sentence = capital ? first.charAt(0).toUpperCase() + first.slice(1) : first
    for (let length = 7 + draw.below(20); length > 0; length--) {
      sentence += (draw.below(12) === 0 ? comma : ' ') + draw.word()
    }
    sentence += draw.below(6) === 0 ? '.\n\n' : stop
    text += sentence
    bytes += Buffer.byteLength(sentence)
  }
  return text.trimEnd()
}
