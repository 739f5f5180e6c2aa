/**
 * Environments whose content is not TeX, so that a per cent sign in them is an ordinary character.
 */
export const VERBATIM = [
  'verbatim',
  'Verbatim',
  'lstlisting',
  'minted',
  'alltt',
  'filecontents',
] as const

const INTERESTING = new RegExp(
  String.raw`\\(?:url|path|href)\s?\{[^{}\n]*\}|\\verb\*?[^A-Za-z\s*]|\\begin\{(${VERBATIM.join('|')}|comment)(\*?)\}|\\[^]|%`,
  'g',
)

/**
 * Removes comments as TeX does: from an unescaped `%` to the first character of the next line, so
 * that a comment never adds or removes a paragraph break. Also removes `comment` environments.
 * Verbatim text is left alone.
 */
export function withoutComments(source: string): string {
  const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source
  if (!text.includes('%') && !text.includes('{comment}')) return text
  const kept: string[] = []
  const unended = new Set<string>()
  let from = 0
  INTERESTING.lastIndex = 0
  for (let match = INTERESTING.exec(text); match; match = INTERESTING.exec(text)) {
    const [found, environment, star] = match
    if (found === '%') {
      kept.push(text.slice(from, match.index))
      from = commentEnd(text, match.index)
      if (text[from] === '\n' && text[from - 1] !== undefined) kept.push('\n')
      INTERESTING.lastIndex = from
    } else if (environment) {
      const closing = `\\end{${environment}${star}}`
      // Searched only once: a thousand openings without an end must not cost a thousand searches.
      const end = unended.has(closing) ? -1 : text.indexOf(closing, match.index)
      if (end === -1) unended.add(closing)
      else {
        INTERESTING.lastIndex = end + closing.length
        if (environment !== 'comment') continue
        kept.push(text.slice(from, match.index))
        from = end + closing.length
      }
    } else if (found.startsWith('\\verb') && found.length > 5) {
      INTERESTING.lastIndex = verbEnd(text, match.index + found.length, found.at(-1) ?? '')
    }
  }
  kept.push(text.slice(from))
  return kept.join('')
}

/**
 * Position of the first significant character after a comment: leading blanks of the next line are
 * skipped.
 */
function commentEnd(text: string, start: number): number {
  const newline = text.indexOf('\n', start)
  if (newline === -1) return text.length
  let at = newline + 1
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}

/** The position after the delimiter that ends a `\verb`, which may not cross a line. */
function verbEnd(text: string, start: number, delimiter: string): number {
  let at = start
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++
  return text[at] === delimiter ? at + 1 : start
}
