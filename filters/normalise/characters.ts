// Repairs of single characters that need no more than their neighbours.
import {
  BIDI_CONTROLS,
  HIJRI_FORM,
  HIJRI_SIGN,
  INVISIBLE,
  lettersOf,
  PRESENTATION_FORMS,
  TATWEEL,
} from '../../src/text/characters/defects.ts'
import { WINDOWS_1252 } from './charsets.ts'

const LINE_ENDS = /\r\n?|[\u2028\u2029\u000b\u000c]/g
const ESCAPES = /\u001b\[[0-9;]{0,16}[A-Za-z]/g
const CONTROLS = /[\0-\u0008\u000e-\u001f\u007f]/g
const C1 = /[\u0080-\u009f]/g
/** Tags, which spell the region of a flag behind U+1F3F4 and are invisible elsewhere. */
const TAGS = /(\u{1f3f4}[\u{e0020}-\u{e007e}]{1,8}\u{e007f})|[\u{e0000}-\u{e007f}]/gu
/** Non-joiner: it stays between two letters. A run of joiners counts as its first. */
const JOINERS = /([\u200c\u200d])[\u200c\u200d]*/g
const LETTER_OR_MARK = /[\p{L}\p{M}]/u
/** Both stay behind letters of Indic scripts. */
const INDIC = /[\u0900-\u0dff]/
const IN_WORD = /[\p{L}\p{M}\p{N}]/u
/** Joiner: it stays behind a letter of a joining script, and within an emoji. */
const JOINING = /[\u0620-\u06ff\u0700-\u07ff\u08a0-\u08ff\u1000-\u109f\u1780-\u18af]/
/** Zero-width space, which parts words in scripts that write no spaces; it stays there. */
const ZERO_WIDTH_SPACE = /\u200b/g
const UNSPACED = /[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]/
const EMOJI_BEFORE = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)$/u
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u
/** The sign of the Hijri year with a joiner in place of the tatweel. */
const HIJRI_JOINER = /(?<=[0-9\u0660-\u0669\u06f0-\u06f9][ \u00a0]?)ه\u200d(?![\p{L}\p{M}])/gu
/** An Arabic letter or mark; after a tatweel no hamza (U+0654), which it may carry. */
const BEFORE_TATWEEL = '[\\u0620-\\u063f\\u0641-\\u065f\\u066e-\\u06d3]'
const AFTER_TATWEEL = '[\\u0620-\\u063f\\u0641-\\u0653\\u0655-\\u065f\\u066e-\\u06d3]'
/** Tatweel after the sign of the Hijri year, between two letters of a word, or repeated. */
const TATWEELS = new RegExp(
  [
    '((?<=[0-9\\u0660-\\u0669\\u06f0-\\u06f9])ه\\u0640)\\u0640*',
    `((?<=${BEFORE_TATWEEL})\\u0640+(?=${AFTER_TATWEEL}))`,
    '\\u0640{2,}',
  ].join('|'),
  'gu',
)

/** A repaired text and how many repairs it took. */
export interface Repaired {
  readonly text: string
  readonly count: number
}

/** Line ends of other systems, line and paragraph separators and page breaks, as a line feed. */
export function repairLineEnds(text: string): Repaired {
  return counted(text, LINE_ENDS, () => '\n')
}

/**
 * C1 controls as the characters that windows-1252 has for their bytes. Those it has none for are
 * gone.
 */
export function repairC1(text: string): Repaired {
  return counted(text, C1, (control) => {
    const character = WINDOWS_1252.high[control.charCodeAt(0) - 0x80] ?? ''
    return character === control ? '' : character
  })
}

/** Controls of direction, gone. */
export function removeBidi(text: string): Repaired {
  return counted(text, BIDI_CONTROLS, () => '')
}

/** Everything else that is invisible and means nothing where it stands, gone. */
export function removeInvisible(text: string): Repaired {
  const steps: ((text: string) => Repaired)[] = [
    (before) => counted(before, ESCAPES, () => ''),
    (before) => counted(before, CONTROLS, () => ''),
    (before) => counted(before, INVISIBLE, () => ''),
    removeZeroWidthSpaces,
    ...(text.includes('\u200d') ? [repairHijriJoiner, removeJoiners] : []),
    ...(text.includes('\u200c') ? [removeJoiners] : []),
    ...(text.includes('\udb40') ? [removeTags] : []),
  ]
  return chained(text, steps)
}

/** Letters in place of their presentation forms. */
export function repairForms(text: string): Repaired {
  return chained(text, [
    (before) => counted(before, HIJRI_FORM, () => HIJRI_SIGN),
    (before) => counted(before, PRESENTATION_FORMS, lettersOf),
  ])
}

/**
 * Ornamental tatweel, gone: all of it between two letters, and all but one elsewhere. The sign of
 * the Hijri year and a tatweel at the edge of a word (`الـ`, `لـ`) stay, as does one that carries a
 * hamza.
 */
export function repairTatweel(text: string): Repaired {
  let count = 0
  const repaired = text.replace(TATWEELS, (found: string, sign?: string, inside?: string) => {
    const kept = sign ?? (inside === undefined ? TATWEEL : '')
    if (kept !== found) count++
    return kept
  })
  return { text: repaired, count }
}

const repairHijriJoiner = (text: string): Repaired => counted(text, HIJRI_JOINER, () => HIJRI_SIGN)

function removeZeroWidthSpaces(text: string): Repaired {
  let count = 0
  const repaired = text.replace(ZERO_WIDTH_SPACE, (space, at: number) => {
    if (UNSPACED.test(text[at - 1] ?? '') && UNSPACED.test(text[at + 1] ?? '')) return space
    count++
    return ''
  })
  return { text: repaired, count }
}

function removeTags(text: string): Repaired {
  let count = 0
  const repaired = text.replace(TAGS, (_, flag: string | undefined) => {
    if (flag === undefined) count++
    return flag ?? ''
  })
  return { text: repaired, count }
}

function removeJoiners(text: string): Repaired {
  let count = 0
  const repaired = text.replace(JOINERS, (run: string, first: string, at: number) => {
    const before = text.slice(Math.max(0, at - 2), at)
    const after = text.slice(at + run.length, at + run.length + 2)
    const kept = staysBetween(first, before, after) ? first : ''
    if (kept !== run) count++
    return kept
  })
  return { text: repaired, count }
}

function staysBetween(joiner: string, before: string, after: string): boolean {
  const letter = before.slice(-1)
  if (INDIC.test(letter)) return true
  if (joiner === '\u200c') return IN_WORD.test(letter) && LETTER_OR_MARK.test(after[0] ?? '')
  if (JOINING.test(letter) && LETTER_OR_MARK.test(letter)) return true
  return EMOJI_BEFORE.test(before) && EMOJI_AFTER.test(after)
}

function counted(text: string, pattern: RegExp, by: (found: string) => string): Repaired {
  let count = 0
  const repaired = text.replace(pattern, (found) => {
    count++
    return by(found)
  })
  return { text: repaired, count }
}

function chained(text: string, steps: readonly ((text: string) => Repaired)[]): Repaired {
  let count = 0
  let repaired = text
  for (const step of steps) {
    const next = step(repaired)
    repaired = next.text
    count += next.count
  }
  return { text: repaired, count }
}
