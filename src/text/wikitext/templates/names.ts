/** Letters that Arabic and Persian write in more than one way, each mapped to one of them. */
const LETTERS: Readonly<Record<string, string>> = {
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ٱ: 'ا',
  ى: 'ي',
  ی: 'ي',
  ئ: 'ي',
  ک: 'ك',
  ة: 'ه',
}

/**
 * Folds a name for comparison: lower case, one space for `_` and white space, without marks,
 * tatweel and invisible characters, and with one spelling of hamza, yeh, kaf and teh marbuta. Never
 * published.
 */
export function foldName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[_\s]+/g, ' ')
    .trim()
  if (/^[\x20-\x7e]*$/.test(plain)) return plain
  return plain
    .normalize('NFC')
    .replaceAll(/[\p{M}\p{Cf}ـ]/gu, '')
    .replaceAll(/[أإآٱىیئکة]/g, (letter) => LETTERS[letter] ?? letter)
}

/** A set of folded names, from a list separated by `|` or line breaks. */
export function nameSet(list: string): ReadonlySet<string> {
  return new Set(
    list
      .split(/[|\n]/)
      .map(foldName)
      .filter((name) => name !== ''),
  )
}
