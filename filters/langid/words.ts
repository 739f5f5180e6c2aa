const BLANK = 0x20

/**
 * The words of a text with at least one letter of the script and, for Latin, none of Arabic, joined
 * by blanks.
 */
export function wordsOfScript(text: Uint8Array, script: 'arabic' | 'latin'): Uint8Array {
  const words = new Uint8Array(text.length + 1)
  let length = 0
  for (let start = 0; start < text.length; ) {
    let arabic = false
    let latin = false
    let end = start
    for (; end < text.length && text[end] !== BLANK; end++) {
      const byte = text[end] ?? 0
      // U+0600 to U+06FF for Arabic, ASCII letters for Latin: every word of either script has one.
      if (byte >= 0xd8 && byte <= 0xdb) arabic = true
      else if ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)) latin = true
    }
    if (script === 'arabic' ? arabic : latin && !arabic) {
      words.set(text.subarray(start, end), length)
      length += end - start
      words[length++] = BLANK
    }
    start = end + 1
  }
  return words.subarray(0, length)
}
