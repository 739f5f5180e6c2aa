// Makes much text out of little: the samples' own markup, with other words in it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../random.ts'

/** Words between markup: no names of templates, links, tags, attributes, commands or entities. */
const PROSE_WORD =
  /(?<![\p{L}\p{M}\p{N}_{}[\]<>&\\/#@=.:|"'$-])\p{L}{4,}(?![\p{L}\p{M}\p{N}_(=:/>}\]|"'$-])/gu
const ARABIC = /^\p{Script=Arabic}/u
/** Share of the words that are replaced. */
const EXCHANGED = 0.6
const PREFIXES = ['و', 'ف', 'ب', 'ل', 'ال', 'وال']

/** Random choices that are the same on every machine. */
export interface Variation {
  /** A whole number in [from, to]. */
  number(from: number, to: number): number
  pick<T>(values: readonly T[]): T
  /** The same text with more than half of its words replaced and its markup unchanged. */
  vary(text: string): string
  /** Varied blocks, chosen one by one, until there are enough characters. */
  grow(blocks: readonly string[], characters: number, between?: string): string
}

/**
 * A variation over the English words of installed packages' documentation and the Arabic words of
 * our samples.
 */
export function variation(root: string, seed: number): Variation {
  const random = seededRandom(seed)
  const words = vocabulary(root)
  const number = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1))
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const vary = (text: string): string =>
    text.replace(PROSE_WORD, (word) => {
      if (random() > EXCHANGED) return word
      if (!ARABIC.test(word)) return pick(words.english)
      return (random() < 0.3 ? pick(PREFIXES) : '') + pick(words.arabic)
    })
  return {
    number,
    pick,
    vary,
    grow(blocks, characters, between = '\n\n') {
      const parts: string[] = []
      for (let size = 0; size < characters; size += (parts.at(-1) ?? '').length + 1)
        parts.push(vary(pick(blocks)))
      return parts.join(between)
    },
  }
}

/** Words with repetition, so that frequent ones stay frequent. */
function vocabulary(root: string): { english: string[]; arabic: string[] } {
  const modules = join(root, 'node_modules')
  const names = readdirSync(modules, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /readme\.md$/i.test(name),
  )
  const english = names
    .sort()
    .flatMap((name) => readFileSync(join(modules, name), 'utf8').match(/\b[a-z]{4,14}\b/g) ?? [])
  const files = [
    'jsonl/essays.jsonl',
    'openiti/1001Rasid.Layl.Made0002-ara1',
    'openiti/1001Rasid.Mallah.Made0003-ara1',
  ]
  const arabic = files.flatMap(
    (name) =>
      readFileSync(join(root, 'samples', name), 'utf8').match(/[\u0621-\u064a]{4,14}/g) ?? [],
  )
  return { english: english.slice(0, 200_000), arabic }
}
