/**
 * Single-byte encodings that UTF-8 is misread as. A charset here is both ways between a byte from
 * 0x80 on and the character it was read as. Bytes that an encoding leaves undefined are read as the
 * C1 control of the same number, as browsers do.
 */
export interface Charset {
  readonly name: string
  /** The character of each byte from 0x80 on; `''` where none. */
  readonly high: readonly string[]
  /** The byte of each character from 0x80 on. */
  readonly byteOf: ReadonlyMap<string, number>
}

/** Upper half of code page 437 as Unicode maps it (VENDORS/MICSFT/PC/CP437.TXT). */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

/**
 * Bytes 80 to 9F of windows-1252. It is written out because Node 20 decodes this encoding as
 * Latin-1.
 */
const CP1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'
const LATIN1 = Array.from({ length: 128 }, (_, index) => String.fromCharCode(0x80 + index))

export const WINDOWS_1252 = charset('windows-1252', [...CP1252, ...LATIN1.slice(32)])
export const WINDOWS_1256 = charset('windows-1256', decoded('windows-1256'))

/** Encodings in the order in which they are tried: the most frequent first. */
export const CHARSETS: readonly Charset[] = [
  charset('latin-1', LATIN1),
  WINDOWS_1252,
  WINDOWS_1256,
  ...[
    'windows-1251',
    'windows-1250',
    'windows-1254',
    'windows-1253',
    'windows-1257',
    'iso-8859-2',
    'macintosh',
  ].map((label) => charset(label, decoded(label))),
  charset('cp437', [...CP437]),
]

function decoded(label: string): string[] {
  const decoder = new TextDecoder(label)
  return Array.from({ length: 128 }, (_, index) => {
    const character = decoder.decode(Uint8Array.of(0x80 + index))
    return character === '\ufffd' ? '' : character
  })
}

function charset(name: string, high: readonly string[]): Charset {
  const byteOf = new Map<string, number>()
  for (const [index, character] of high.entries()) {
    if (character !== '') byteOf.set(character, 0x80 + index)
  }
  return { name, high, byteOf }
}
