import type { TextColumn } from '../../src/core/batch.ts'
import { characterCounter } from '../../src/kernels/characters/characters.ts'
import { kernelMemory } from '../../src/kernels/memory/module.ts'
import { placedProse } from '../../src/kernels/prose/kernel.ts'
import { type Guess, languageIdentifier } from './model.ts'
import { letterTable, type Scripts, scriptsOf } from './scripts.ts'
import { wordsOfScript } from './words.ts'

/** What identification found about the language of a text. */
export type Finding = Scripts & Guess

/** Finds the language of texts, in a batch's column or given as a string. */
export interface LanguageFinder {
  inColumn(column: TextColumn, row: number): Finding
  inText(text: string): Finding
}

/** Smallest share of letters at which a second script counts as a part of its own. */
const PART_SHARE = 0.1
/** Smallest share of letters of both scripts together; otherwise there is a third one. */
const BOTH_SHARES = 0.95
const WINDOW_BYTES = 512
/** Digits and signs have no language, although the model returns one for them. */
const NOTHING: Guess = { language: '', variety: '', probability: 0 }

let countLetters: ReturnType<typeof characterCounter> | undefined

/** A finder that reads texts whole, or `windows` windows of 512 bytes if that is less. */
export function languageFinder(windows: number): LanguageFinder {
  countLetters ??= characterCounter(letterTable())
  const count = countLetters
  const identify = languageIdentifier()
  const memory = kernelMemory()

  const findProse = (start: number, end: number): Finding => {
    const scripts = scriptsOf(count(start, end))
    if (scripts.letters === 0) return found(scripts, NOTHING)
    const whole = windows > 0 ? identifyWindows(start, end) : identify(start, end)
    const { arabicShare, latinShare } = scripts
    const twoScripts =
      Math.min(arabicShare, latinShare) >= PART_SHARE && arabicShare + latinShare >= BOTH_SHARES
    if (!twoScripts) return found(scripts, whole)
    const parts = identifyParts(start, end, scripts)
    return found(scripts, parts.probability > whole.probability ? parts : whole)
  }

  /**
   * Identifies the words of each script separately. The probability is the mean of both, weighted
   * by letters.
   */
  const identifyParts = (start: number, end: number, { arabicShare, latinShare }: Scripts): Guess =>
    memory.scope(() => {
      const text = memory.bytes.subarray(start, end)
      const identifyWords = (script: 'arabic' | 'latin'): Guess => {
        const words = wordsOfScript(text, script)
        const at = memory.lend(words)
        return identify(at, at + words.length)
      }
      const arabic = identifyWords('arabic')
      const latin = identifyWords('latin')
      const probability = arabicShare * arabic.probability + latinShare * latin.probability
      const main = arabicShare >= latinShare ? arabic : latin
      return {
        language: [arabic.language, latin.language].sort().join('+'),
        variety: main.variety,
        probability,
      }
    })

  const identifyWindows = (start: number, end: number): Guess => {
    if (end - start <= windows * WINDOW_BYTES) return identify(start, end)
    return memory.scope(() => {
      const sample = memory.temporary(windows * (WINDOW_BYTES + 1))
      const stride = (end - start - WINDOW_BYTES) / Math.max(windows - 1, 1)
      let to = sample
      for (let window = 0; window < windows; window++) {
        const from = start + Math.floor(window * stride)
        memory.bytes.copyWithin(to, from, from + WINDOW_BYTES)
        to += WINDOW_BYTES
        memory.bytes[to++] = 0x20
      }
      return identify(sample, to)
    })
  }

  const prose = placedProse()
  const find = (start: number, end: number): Finding =>
    memory.scope(() => {
      const copy = prose(start, end)
      return findProse(copy.start, copy.end)
    })

  return {
    inColumn(column, row) {
      const base = memory.place(column)
      return find(base + (column.offsets[row] ?? 0), base + (column.offsets[row + 1] ?? 0))
    },
    inText: (text) =>
      memory.scope(() => {
        const bytes = Buffer.from(text)
        const start = memory.lend(bytes)
        return find(start, start + bytes.length)
      }),
  }
}

/** Joins both in one object. Spreading would take as long as reading some hundred bytes of text. */
function found(scripts: Scripts, { language, variety, probability }: Guess): Finding {
  const { letters, arabicShare, latinShare, foreignShare, neighbour } = scripts
  return {
    letters,
    arabicShare,
    latinShare,
    foreignShare,
    neighbour,
    language,
    variety,
    probability,
  }
}
