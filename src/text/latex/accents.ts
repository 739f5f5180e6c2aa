/** Accent commands and the combining character that each stands for. */
const COMBINING = new Map(
  Object.entries({
    '`': '\u0300',
    "'": '\u0301',
    '^': '\u0302',
    '~': '\u0303',
    '=': '\u0304',
    u: '\u0306',
    '.': '\u0307',
    '"': '\u0308',
    r: '\u030a',
    H: '\u030b',
    v: '\u030c',
    d: '\u0323',
    c: '\u0327',
    k: '\u0328',
    b: '\u0331',
  }),
)

/** Commands that stand for a character or a word. */
const SIGNS = new Map(
  Object.entries({
    ss: 'ß',
    ae: 'æ',
    AE: 'Æ',
    oe: 'œ',
    OE: 'Œ',
    aa: 'å',
    AA: 'Å',
    o: 'ø',
    O: 'Ø',
    l: 'ł',
    L: 'Ł',
    i: 'ı',
    j: 'ȷ',
    dh: 'ð',
    DH: 'Ð',
    th: 'þ',
    TH: 'Þ',
    dj: 'đ',
    DJ: 'Đ',
    ng: 'ŋ',
    S: '§',
    P: '¶',
    dag: '†',
    ddag: '‡',
    copyright: '©',
    pounds: '£',
    euro: '€',
    dots: '…',
    ldots: '…',
    textellipsis: '…',
    textdegree: '°',
    degr: '°',
    textendash: '–',
    textemdash: '—',
    textquoteleft: '‘',
    textquoteright: '’',
    textquotedblleft: '“',
    textquotedblright: '”',
    lq: '‘',
    rq: '’',
    textmu: 'µ',
    micron: 'µm',
    textregistered: '®',
    texttrademark: '™',
    textbullet: '•',
    textasciitilde: '~',
    textasciicircum: '^',
    textbackslash: '\\',
    textunderscore: '_',
    textless: '<',
    textgreater: '>',
    textbar: '|',
    slash: '/',
    TeX: 'TeX',
    LaTeX: 'LaTeX',
    LaTeXe: 'LaTeX2e',
    BibTeX: 'BibTeX',
    '%': '%',
    '&': '&',
    $: '$',
    '#': '#',
    _: '_',
    '{': '{',
    '}': '}',
    '-': '',
    '/': '',
    '!': '',
    '@': '',
  }),
)

/** Narrow and wide spaces all become one blank. */
for (const name of [
  ' ',
  '\n',
  '\t',
  ',',
  ';',
  ':',
  '>',
  '\\',
  'quad',
  'qquad',
  'space',
  'newline',
  'linebreak',
  'enspace',
])
  SIGNS.set(name, ' ')

/** Whether a command puts an accent on the letter after it. */
export const isAccent = (name: string): boolean => COMBINING.has(name)

/** The character or word that a command stands for; undefined if it stands for none. */
export function signOf(name: string): string | undefined {
  return SIGNS.get(name)
}

/**
 * A letter with an accent, as one character if Unicode has it; `letter` may be `\i`. Without a
 * letter, the accent sign itself for `~` and `^`, otherwise nothing.
 */
export function accented(accent: string, letter: string): string {
  const base = letter.trim().replace(/^\\([ij])$/, '$1')
  if (base === '') return accent === '~' || accent === '^' ? accent : ''
  const first = String.fromCodePoint(base.codePointAt(0) ?? 0)
  if (!/\p{L}/u.test(first)) return base
  return (first + (COMBINING.get(accent) ?? '')).normalize('NFC') + base.slice(first.length)
}
