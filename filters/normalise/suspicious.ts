// Whether a line may hold misread text, from pairs of characters. Every line of a suspected text
// passes here, so characters are looked up in a table; the test holds it against one pattern.

/** Classes of characters, each a bit and the pattern of its characters. */
const CLASSES = {
  beyond: '[^\\0-\\x7f]',
  control: '[\\u0080-\\u009f]',
  /** Symbols that stand behind a character beyond ASCII. */
  symbol:
    '[€†‡ˆ‰˜¡¢£¤¥¦§¨¬¯±µ¶¸¼½¾¿\\u02c7-\\u02dd\\u0384\\u0385\\u20a7\\u2202-\\u2265\\u2310-\\u2321\\u2500-\\u25ff\\uf8ff\\ufffd]',
  /** Symbols that stand before one. */
  opening: '[ƒ√≈≤≥∂∑∏π∫Ω∞µ◊¬\\u2500-\\u259f‚†°¢£§•¶ß®©™´¨≠]',
  ascii: '[A-Za-z]',
  lower: '[a-z]',
  otherScript: '[\\u0370-\\u06ff]',
  /** Capitals and first bytes of three, before punctuation or letters of windows-1252. */
  capital: '[À-ÖØ-ÞĂ-ſΒΓΞΟВГРСآأؤإ×ŸÿŰ]',
  mark: '[’‘“”„‚…–—«»‹›•·®©™°ºª²³¹´\\u00a0\\u00adŠŒŽŸšœžƒŚŤŹśťźˇĽľąşłżĄŞŁŻ]',
  first: '[âãïð]',
  spaced: '[ÃĂГΓ]',
  umlaut: '[ĂĹÄÅ]',
  ve: '[в]',
  dje: '[Ђ]',
} as const
type Class = keyof typeof CLASSES

const NAMES = Object.keys(CLASSES) as Class[]
const bit = (name: Class): number => 1 << NAMES.indexOf(name)

const BEYOND = bit('beyond')
const CONTROL = bit('control')
const SYMBOL = bit('symbol')
const OPENING = bit('opening')
const ASCII = bit('ascii')
const LOWER = bit('lower')
const OTHER_SCRIPT = bit('otherScript')
const CAPITAL = bit('capital')
const MARK = bit('mark')
const FIRST = bit('first')
const SPACED = bit('spaced')
const UMLAUT = bit('umlaut')
const VE = bit('ve')
const DJE = bit('dje')

let classes: Uint16Array | undefined

function classTable(): Uint16Array {
  const table = new Uint16Array(1 << 16)
  for (const name of NAMES) {
    const pattern = new RegExp(CLASSES[name])
    for (let code = 0; code < table.length; code++)
      if (pattern.test(String.fromCharCode(code))) table[code] = (table[code] ?? 0) | bit(name)
  }
  return table
}

/**
 * Whether the line has what every misread line has some of: a C1 control; a symbol behind a
 * character outside ASCII, or before a letter; a letter of another script beside one of ASCII; a
 * capital or a first byte of three before punctuation or the letters that windows-1252 has among
 * it.
 */
export function isSuspicious(line: string): boolean {
  classes ??= classTable()
  let before = 0
  let previous = 0
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at)
    const current = classes[code] ?? 0
    if (isSuspiciousPair(before, previous, current, code === 0x20)) return true
    before = previous
    previous = current
  }
  return false
}

function isSuspiciousPair(
  before: number,
  previous: number,
  current: number,
  isSpace: boolean,
): boolean {
  if (isSpace) return (previous & SPACED) !== 0
  if ((current & BEYOND) === 0) return (current & ASCII) !== 0 && (previous & OTHER_SCRIPT) !== 0
  if (current & CONTROL) return true
  if ((previous & BEYOND) === 0) return (previous & ASCII) !== 0 && (current & OTHER_SCRIPT) !== 0
  return (
    (current & SYMBOL) !== 0 ||
    (previous & OPENING) !== 0 ||
    ((previous & CAPITAL) !== 0 && (current & MARK) !== 0) ||
    ((previous & VE) !== 0 && (current & DJE) !== 0) ||
    ((before & FIRST) !== 0 && (previous & BEYOND) !== 0) ||
    ((before & LOWER) !== 0 && (previous & UMLAUT) !== 0)
  )
}
