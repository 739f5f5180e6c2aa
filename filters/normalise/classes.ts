// What each character is for the scan of a text: a table made of the patterns of the repairs.
import { CLASS, DEFECT, ENCODINGS, RANK_SHIFT } from '../../src/kernels/defects/classes.ts'
import { isMisreadReference } from '../../src/kernels/defects/reference.ts'
import { BIDI_CONTROLS, INVISIBLE, PRESENTATION_FORMS } from '../../src/text/characters/defects.ts'
import { CHARSETS } from './charsets.ts'

/** Characters by the bits that they have. Of a mark, the other spelling is the single character. */
const PATTERNS: readonly (readonly [bits: number, characters: RegExp])[] = [
  [DEFECT.mojibake, /[\u0080-\u009f]/g],
  [DEFECT.lineEnds, /[\r\u000b\u000c\u2028\u2029]/g],
  [DEFECT.bidiControls, BIDI_CONTROLS],
  [DEFECT.invisible, /[\0-\u0008\u000e-\u001f\u007f\u200b]/g],
  [DEFECT.invisible, INVISIBLE],
  [DEFECT.presentationForms, PRESENTATION_FORMS],
  [
    CLASS.symbol,
    /[€†‡ˆ‰˜¡¢£¤¥¦§¨¬¯±µ¶¸¼½¾¿\u02c7-\u02dd\u0384\u0385\u20a7\u2202-\u2265\u2310-\u2321\u2500-\u25ff\uf8ff\ufffd]/g,
  ],
  [CLASS.opening, /[ƒ√≈≤≥∂∑∏π∫Ω∞µ◊¬\u2500-\u259f‚†°¢£§•¶ß®©™´¨≠]/g],
  [CLASS.capital, /[À-ÖØ-ÞĂ-ſΒΓΞΟВГРСآأؤإ×ŸÿŰ]/g],
  [CLASS.mark, /[’‘“”„‚…–—«»‹›•·®©™°ºª²³¹´\u00a0\u00adŠŒŽŸšœžƒŚŤŹśťźˇĽľąşłżĄŞŁŻ]/g],
  [CLASS.first, /[âãïð]/g],
  [CLASS.spaced, /[ÃĂГΓ]/g],
  [CLASS.umlaut, /[ĂĹÄÅ]/g],
  [CLASS.otherScript, /[\u0370-\u06ff]/g],
  [CLASS.letter, /[\p{L}\p{M}]/gu],
  [CLASS.joiner, /[\u200c\u200d]/g],
  [CLASS.tatweel, /\u0640/g],
  [CLASS.high, /[\u00c0-\u00ff]/g],
  [CLASS.ve, /в/g],
  [CLASS.dje, /Ђ/g],
]

let table: Uint32Array | undefined

/** What the scan knows of every UTF-16 code unit, two numbers each. Made once a process. */
export function characterTable(): Uint32Array {
  table ??= makeTable()
  return table
}

function makeTable(): Uint32Array {
  const numbers = new Uint32Array(1 << 17)
  const set = (index: number, bits: number): void => {
    numbers[index] = (numbers[index] ?? 0) | bits
  }
  const add = (code: number, bits: number): void => set(2 * code, bits)
  const characters = Array.from({ length: 1 << 16 }, (_, code) => String.fromCharCode(code))
  const all = characters.join('')
  for (const [bits, pattern] of PATTERNS) {
    for (const { 0: found } of all.matchAll(pattern)) add(found.charCodeAt(0), bits)
  }
  for (const character of characters) addComposition(character, add)
  for (const [rank, marks] of rankedMarks(all).entries()) {
    for (const mark of marks) add(mark.charCodeAt(0), (rank + 1) << RANK_SHIFT)
  }
  for (const [bit, { byteOf }] of CHARSETS.entries()) {
    for (const [character, byte] of byteOf) {
      const place = 2 * character.charCodeAt(0) + 1
      if (byte < 0xc0) set(place, 1 << (bit + ENCODINGS))
      else set(place, (1 << bit) | (isBeforeLost(byte) ? 1 << LOST : 0))
    }
  }
  // What stands for a byte that was lost, and for one that is a no-break space.
  set(2 * 0xfffd + 1, ((1 << LOST) - 1) << ENCODINGS)
  set(2 * 0x20 + 1, 1 << (LOST + ENCODINGS))
  return numbers
}

/** An encoding in which the space is a later byte, see `ALTERED` of ./sequences.ts. */
const LOST = ENCODINGS - 1
const isBeforeLost = (byte: number): boolean =>
  [0xc2, 0xc3, 0xc5, 0xce, 0xd0, 0xd9, 0xe2, 0xe3, 0xf0].includes(byte)

const SURROGATE = /[\ud800-\udfff]/
/** No character has a decomposition here. */
const PLAIN = /[\u3400-\u9fff\ue000-\uf8ff]/

/** Normal form C of Unicode: what it replaces, and what composes with what. */
function addComposition(character: string, add: (code: number, bits: number) => void): void {
  if (SURROGATE.test(character) || PLAIN.test(character)) return
  const parts = character.normalize('NFD')
  if (parts === character) return
  if (parts.normalize('NFC') !== character) {
    add(character.charCodeAt(0), DEFECT.composed)
    return
  }
  const last = parts.length - 1
  add(parts.charCodeAt(last), CLASS.second)
  const first = parts.slice(0, last).normalize('NFC')
  if (first.length === 1) add(first.charCodeAt(0), CLASS.composes)
}

/** Marks by canonical combining class, lowest first. Starters are left out. */
function rankedMarks(all: string): string[][] {
  const swaps = (first: string, second: string): boolean =>
    (first + second).normalize('NFD') === second + first
  const ranks: string[][] = []
  for (const [mark] of all.matchAll(/\p{M}/gu)) {
    if (mark.normalize('NFD') !== mark) continue
    // U+0334 has class 1, the lowest; U+0345 has 240, the highest.
    if (!swaps(mark, '\u0334') && !swaps('\u0345', mark) && mark !== '\u0345') continue
    const higher = ranks.findIndex(([other = '']) => !swaps(mark, other))
    const same = ranks[higher]
    if (same === undefined) ranks.push([mark])
    else if (swaps(same[0] ?? '', mark)) ranks.splice(higher, 0, [mark])
    else same.push(mark)
  }
  return ranks
}

/** Whether a line may hold misread text. Few of those that do not are taken for such. */
export function isSuspicious(line: string): boolean {
  return isMisreadReference(line, characterTable())
}
