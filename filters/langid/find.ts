import type { TextColumn } from '../../src/core/batch.ts'
import { characterCounter } from '../../src/kernels/characters/characters.ts'
import { kernelMemory } from '../../src/kernels/memory/module.ts'
import { placedProse } from '../../src/kernels/prose/kernel.ts'
import { calibrated } from './calibrate.ts'
import { EVIDENCE_BYTES, type Evidence, evidenceOf } from './evidence.ts'
import { type Guess, languageIdentifier } from './model.ts'
import { arabicSpelling, isBerber } from './neighbours.ts'
import { letterTable, type Scripts, scriptsOf } from './scripts.ts'
import { wordsOfScript } from './words.ts'

/** What identification found about the language of a text. */
export interface Finding extends Scripts, Guess {
  /** Probability that `language` is right, 0 to 1. */
  readonly probability: number
  readonly evidence: Evidence
}

/** Finds the language of texts, in a batch's column or given as a string. */
export interface LanguageFinder {
  inColumn(column: TextColumn, row: number): Finding
  inText(text: string): Finding
}

/** Smallest share of letters at which a second script counts as a part of its own. */
const PART_SHARE = 0.1
/** Smallest share of letters of both scripts together; otherwise there is a third one. */
const BOTH_SHARES = 0.95
/** Letters of prose from which on a second script is a part of its own. */
const FEWEST_PART_LETTERS = 20
/** Probability of both parts from which on a text has both languages, whatever it is as a whole. */
const CERTAIN = 0.9
const CLEAR_SCORE = 0.95
const CLEAR_LETTERS = 100
const WINDOW_BYTES = 512
/** English must be mostly Latin, Arabic mostly Arabic script. */
const HALF = 0.5
/** The model has no label for the Berber languages in Arabic script. */
const BERBER = { language: 'ber', variety: 'ar', score: 0, runnerUp: 0, probability: 1 }
/** Digits and signs have no language, although the model returns one for them. */
const NOTHING: Judged = { language: '', variety: '', score: 0, runnerUp: 0, probability: 0 }

const NO_EVIDENCE: Evidence = { words: 0, hits: 0, odd: 0, nameBytes: 0 }

type Judged = Guess & { readonly probability: number }

let countLetters: ReturnType<typeof characterCounter> | undefined

/** A finder that reads texts whole, or `windows` windows of 512 bytes if that is less. */
export function languageFinder(windows: number): LanguageFinder {
  countLetters ??= characterCounter(letterTable())
  const count = countLetters
  const identify = languageIdentifier()
  const memory = kernelMemory()

  const findProse = (start: number, end: number): Finding => {
    const scripts = scriptsOf(count(start, end))
    if (scripts.letters === 0) return found(scripts, NOTHING, NO_EVIDENCE)
    const guess = windows > 0 ? identifyWindows(start, end) : identify(start, end)
    const script = scripts.arabicShare > scripts.latinShare ? 'arabic' : 'latin'
    const evidence = isClear(guess, scripts)
      ? NO_EVIDENCE
      : evidenceOf(memory.bytes, start, end, script)
    const prose = withoutNames(scripts, evidence, end - start)
    const whole = judgeWhole(start, end, guess, prose, evidence)
    const { arabicShare, latinShare } = prose
    const twoScripts =
      Math.min(arabicShare, latinShare) >= PART_SHARE && arabicShare + latinShare >= BOTH_SHARES
    return found(prose, twoScripts ? judgeParts(start, end, prose, whole) : whole, evidence)
  }

  const judgeWhole = (
    start: number,
    end: number,
    first: Guess,
    scripts: Scripts,
    evidence: Evidence,
  ): Judged => {
    const guess = judged(first, scripts, evidence)
    if (guess.language === 'ar') {
      return isBerber(memory.bytes, start, end, evidence) ? BERBER : guess
    }
    if (scripts.arabicShare < HALF) return guess
    const spelled = arabicSpelling(memory.bytes, start, end, evidence)
    if (spelled === undefined) return guess
    return memory.scope(() => {
      const at = memory.lend(spelled)
      const again = judged(identify(at, at + spelled.length), scripts, evidence)
      return again.language === 'ar' ? again : guess
    })
  }

  const judgeWords = (
    start: number,
    end: number,
    scripts: Scripts,
    script: 'arabic' | 'latin',
  ): Judged & { readonly letters: number } =>
    memory.scope(() => {
      const words = wordsOfScript(memory.bytes.subarray(start, end), script)
      const at = memory.lend(words)
      const evidence = evidenceOf(memory.bytes, at, at + words.length, script)
      const part = withoutNames(partOf(scripts, script), evidence, words.length)
      return { ...judged(identify(at, at + words.length), part, evidence), letters: part.letters }
    })

  /**
   * Identifies the words of each script separately. A part that is only names and terms does not
   * count; otherwise the text has both languages if either is certain, or surer than the whole.
   */
  const judgeParts = (start: number, end: number, scripts: Scripts, whole: Judged): Judged => {
    const arabic = judgeWords(start, end, scripts, 'arabic')
    const latin = judgeWords(start, end, scripts, 'latin')
    const [main, minor] = arabic.letters >= latin.letters ? [arabic, latin] : [latin, arabic]
    if (minor.letters < FEWEST_PART_LETTERS)
      return main.probability > whole.probability ? main : whole
    const share = main.letters / (main.letters + minor.letters)
    const mean = (of: 'score' | 'runnerUp' | 'probability'): number =>
      share * main[of] + (1 - share) * minor[of]
    const probability = mean('probability')
    const isBoth = Math.min(arabic.probability, latin.probability) >= CERTAIN
    if (!isBoth && probability <= whole.probability) return whole
    return {
      language: [arabic.language, latin.language].sort().join('+'),
      variety: main.variety,
      score: mean('score'),
      runnerUp: mean('runnerUp'),
      probability,
    }
  }

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

/** With its probability, which is 0 for English or Arabic that is mostly in another script. */
function judged(guess: Guess, scripts: Scripts, evidence: Evidence): Judged {
  const { language, variety, score, runnerUp } = guess
  const { letters, foreignShare } = scripts
  const share = language === 'en' ? scripts.latinShare : language === 'ar' ? scripts.arabicShare : 1
  const probability =
    share < HALF ? 0 : calibrated(language, { score, runnerUp, letters, evidence, foreignShare })
  return { language, variety, score, runnerUp, probability }
}

/**
 * English that the model is sure of: function words would change nothing, and take time to read.
 */
const isClear = ({ language, score }: Guess, { letters }: Scripts): boolean =>
  language === 'en' && score >= CLEAR_SCORE && letters >= CLEAR_LETTERS

/** Names are not letters of the prose. In texts that are read in part only they stay counted. */
function withoutNames(scripts: Scripts, { nameBytes }: Evidence, bytes: number): Scripts {
  if (nameBytes === 0 || bytes > 2 * EVIDENCE_BYTES) return scripts
  return { ...scripts, letters: Math.max(0, scripts.letters - nameBytes) }
}

function partOf(scripts: Scripts, script: 'arabic' | 'latin'): Scripts {
  const isArabic = script === 'arabic'
  const letters = scripts.letters * (isArabic ? scripts.arabicShare : scripts.latinShare)
  return { ...scripts, letters, arabicShare: isArabic ? 1 : 0, latinShare: isArabic ? 0 : 1 }
}

/** Joins both in one object. Spreading would take as long as reading some hundred bytes of text. */
function found(scripts: Scripts, guess: Judged, evidence: Evidence): Finding {
  const { letters, arabicShare, latinShare, foreignShare, neighbour } = scripts
  const { language, variety, score, runnerUp, probability } = guess
  return {
    letters,
    arabicShare,
    latinShare,
    foreignShare,
    neighbour,
    language,
    variety,
    score,
    runnerUp,
    probability,
    evidence,
  }
}
