import { GAP } from './page.ts'

/** How many nested brackets are mended; deeper ones stay as they are. */
const MAX_OPEN = 8
const BRACKET = /[()[\]（）]/g

/**
 * Mends a line around what was dropped from it: `(German: ▯; born 1879)` becomes `(born 1879)`,
 * `word ▯, next` becomes `word, next`, `( ، )` is removed. Text without gaps is not touched,
 * because `f()` and ` ;` may be intended.
 */
export function repairLine(line: string): string {
  if (!line.includes(GAP)) return line
  return closeGaps(/[([（]/.test(line) ? mendBrackets(line) : line)
}

const SEPARATORS = ',;:،؛'
const CLOSING = `${SEPARATORS}.!?؟)]»`
const OPENING = '([«（'

/** Removes each gap with the spaces around it, and inserts what belongs between its neighbours. */
function closeGaps(line: string): string {
  let out = ''
  let from = 0
  for (let at = line.indexOf(GAP); at !== -1; at = line.indexOf(GAP, from)) {
    let start = at
    if (start > from && line[start - 1] === ' ') start--
    out += line.slice(from, start)
    from = at + 1
    while (line[from] === ' ' || line[from] === GAP) from++
    const before = out.at(-1) ?? ''
    const after = line[from] ?? ''
    if (before === '' || after === '' || OPENING.includes(before)) continue
    if (CLOSING.includes(after)) {
      if (SEPARATORS.includes(before) && !'!?؟]»'.includes(after)) out = out.slice(0, -1)
    } else if (start < at || line[from - 1] === ' ') out += ' '
  }
  return out + line.slice(from)
}

function mendBrackets(line: string): string {
  let out = ''
  let from = 0
  const open: number[] = []
  for (const match of line.matchAll(BRACKET)) {
    out += line.slice(from, match.index)
    from = match.index + 1
    const bracket = match[0]
    if (bracket === '(' || bracket === '[' || bracket === '（') {
      if (open.length < MAX_OPEN) open.push(out.length)
      out += bracket
      continue
    }
    const start = open.pop()
    const inner = start === undefined ? '' : out.slice(start + 1)
    if (start === undefined || !inner.includes(GAP)) {
      out += bracket
      continue
    }
    const kept = keptParts(inner)
    // A removed bracket leaves a gap itself, for the spaces around it.
    out = out.slice(0, start) + (kept === '' ? GAP : `${out[start]}${kept}${bracket}`)
  }
  return out + line.slice(from)
}

/** Words that make no sense without what followed them. */
const DANGLING =
  /^(?:or|and|also|from|in|pronounced|pronunciation|listen|ipa|see|born|أو|و|من|تلفظ|تُلفظ|يلفظ|نطق|النطق|تنطق|استمع|انظر|[\p{L}\p{M} ]{1,40}:)$/iu

function keptParts(inner: string): string {
  const kept: string[] = []
  let separator = ''
  for (const part of inner.split(/([,;،؛])/)) {
    if (/^[,;،؛]$/.test(part)) {
      separator = part
      continue
    }
    const text = part.replaceAll(GAP, '').trim()
    if (text === '' || (part.includes(GAP) && DANGLING.test(text))) continue
    const trimmed = part.trim()
    kept.push(kept.length === 0 ? trimmed : `${separator} ${trimmed}`)
  }
  return kept
    .join('')
    .replaceAll(/ ?\uFDD2 ?/g, (gap) => (gap === GAP ? '' : ' '))
    .trim()
}

/** Bidi controls, zero-width spaces, soft hyphens, byte order marks, control characters. */
const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]/

/**
 * Removes characters that are invisible or only stretch words: bidi controls, zero-width spaces,
 * soft hyphens, tatweel. Keeps the joiners (Persian, Kurdish, emoji) and one tatweel at the end of
 * a word, where it is spelling: ١٤١٩ هـ, الـ 52.
 */
export function removeInvisible(text: string): string {
  const plain = INVISIBLE.test(text) ? text.replaceAll(new RegExp(INVISIBLE, 'g'), '') : text
  return plain.includes('ـ')
    ? plain.replaceAll(/ـ+(?=[\p{L}\p{M}])/gu, '').replaceAll(/ـ{2,}/g, 'ـ')
    : plain
}
