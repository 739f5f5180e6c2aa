import { z } from 'zod'

const share = (value: number, description: string) =>
  z.number().min(0).max(1).default(value).describe(description)
const amount = (value: number, description: string) =>
  z.number().min(0).default(value).describe(description)

interface Defaults {
  readonly maxWords: number
  readonly minMeanWordLength: number
  readonly maxMeanWordLength: number
  readonly maxSymbolsPerWord: number
  readonly minWordsWithLetter: number
  readonly minStopWordShare: number
  readonly minTerminalLines: number
  readonly maxDuplicateLines: number
  readonly maxDuplicateLineShare: number
  readonly maxLinesPerWord: number
  readonly maxTopNgrams: number
  readonly maxRepeatedNgrams: number
  readonly minPageScore: number
}

const limits = (defaults: Defaults) =>
  z.strictObject({
    minWords: amount(50, 'Words a document has at least.'),
    maxWords: amount(defaults.maxWords, 'Words a document has at most.'),
    minMeanWordLength: amount(defaults.minMeanWordLength, 'Letters per word at least.'),
    maxMeanWordLength: amount(defaults.maxMeanWordLength, 'Letters per word at most.'),
    maxSymbolsPerWord: amount(
      defaults.maxSymbolsPerWord,
      'Hash signs and ellipses per word at most.',
    ),
    minWordsWithLetter: share(
      defaults.minWordsWithLetter,
      'Share of words with a letter in them at least; signs alone are no words.',
    ),
    minStopWords: amount(2, 'Stop words at least.'),
    minStopWordShare: share(defaults.minStopWordShare, 'Share of stop words at least.'),
    maxBulletLines: share(
      0.9,
      'Share of lines that are list items at most; not for dialogue and paragraphs.',
    ),
    maxEllipsisLines: share(0.3, 'Share of lines that end in an ellipsis at most.'),
    minTerminalLines: share(
      defaults.minTerminalLines,
      'Share of lines that end a sentence at least; not for verse and paragraphs.',
    ),
    maxDuplicateLines: share(
      defaults.maxDuplicateLines,
      'Share of lines that repeat an earlier one at most; not for dialogue.',
    ),
    maxDuplicateLineShare: share(
      defaults.maxDuplicateLineShare,
      'Share of characters in repeated lines at most.',
    ),
    maxLinesPerWord: amount(
      defaults.maxLinesPerWord,
      'Lines per word at most; not for verse and dialogue.',
    ),
    maxTopNgrams: amount(
      defaults.maxTopNgrams,
      'Largest share of one 2- to 4-gram, 1 being Gopher’s limit for its length.',
    ),
    maxRepeatedNgrams: amount(
      defaults.maxRepeatedNgrams,
      'Largest share of repeated 5- to 10-grams, 1 being Gopher’s limit.',
    ),
    minPageScore: share(
      defaults.minPageScore,
      'Page score at least; not for verse. The score was fitted to English.',
    ),
    verseFrom: share(
      0.5,
      'Share of even lines from which a text counts as verse, or as prose with hard line breaks.',
    ),
    dialogueFrom: share(0.3, 'Share of speakers’ lines from which a text counts as dialogue.'),
    paragraphsFrom: amount(30, 'Words per line from which a text counts as paragraphs.'),
  })

/**
 * Gopher's thresholds (Rae et al. 2021, tables A1 and A2), with FineWeb's for line ends and line
 * breaks (Penedo et al. 2024, section 3.6). FineWeb counts line breaks; here empty lines do not
 * count, as Markdown has them between paragraphs and FineWeb's pages do not.
 *
 * Measured: 99 of 100 articles of Wikipedia and pages of C4 have .05 stop words and more, lists of
 * addresses or products less than .03. `minPageScore` keeps .97 of the good pages that the score
 * was fitted to, .96 of news, and drops .70 of the bad ones. `verseFrom` finds .88 of Shakespeare's
 * plays in pieces and two thirds of Arabic poems, and 4 of 117 bad pages.
 */
export const english = limits({
  maxWords: 100_000,
  minMeanWordLength: 3,
  maxMeanWordLength: 10,
  maxSymbolsPerWord: 0.1,
  minWordsWithLetter: 0.8,
  minStopWordShare: 0.03,
  minTerminalLines: 0.12,
  maxDuplicateLines: 0.3,
  maxDuplicateLineShare: 0.2,
  maxLinesPerWord: 0.3,
  maxTopNgrams: 1,
  maxRepeatedNgrams: 1,
  minPageScore: 0.32,
})

/**
 * FineWeb2's configuration for arb_Arab where books allow it: word length and words with a letter.
 *
 * The rest is measured on 232 whole books of OpenITI's 0300AH, 813 modern ones of its RAW_Hindawi
 * and 4,846 pieces of them of 150 to 200 words.
 *
 * - Old prints have no full stops, and a paragraph or a verse is a line: FineWeb2's .143 for line
 *   ends drops a quarter of the books, 0 keeps all. What it is for, menus and link lists, has few
 *   stop words: .10 and more of the words of every book are stop words, and .08 of those of 99 of
 *   100 news articles, but less than .04 in menus.
 * - A verse with dots between its halves has one sign for 5 to 10 words.
 * - Up to .63 of the lines of a play are repeated (speakers), with .17 of the characters; 524,000
 *   words are in one book; poems have up to .39 lines per word.
 * - Blessings after names reach 1.5 times Gopher's limit for one n-gram, chains of narrators 2.6
 *   times its limits for repeated ones in books, and 6.5 times in single chapters.
 */
export const arabic = limits({
  maxWords: 5_000_000,
  minMeanWordLength: 2,
  maxMeanWordLength: 9,
  maxSymbolsPerWord: 0.2,
  minWordsWithLetter: 0.787,
  minStopWordShare: 0.06,
  minTerminalLines: 0,
  maxDuplicateLines: 0.7,
  maxDuplicateLineShare: 0.2,
  maxLinesPerWord: 0.5,
  maxTopNgrams: 1.5,
  maxRepeatedNgrams: 7,
  minPageScore: 0,
})

/** The limits of one language. */
export type Limits = z.output<typeof english>
