/** Letters written in more than one way in Arabic and Persian, each to one of them. */
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
 * A name for comparing: lower case, one space for `_` and white space, without marks, tatweel and
 * invisible characters, with the spellings of hamza, yeh, kaf and teh marbuta made one. Never
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
