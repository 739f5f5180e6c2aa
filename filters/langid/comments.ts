// The natural-language part of source code: its comments and docstrings.

interface Syntax {
  /** Starts of comments that end with the line. */
  readonly line?: readonly string[]
  /** Starts and ends of longer comments. */
  readonly block?: readonly (readonly [string, string])[]
  /** Starts and ends of strings, in which nothing is a comment. */
  readonly quotes: readonly string[]
}

const C_LIKE: Syntax = { line: ['//'], block: [['/*', '*/']], quotes: ['"', "'", '`'] }
const HASH: Syntax = { line: ['#'], quotes: ['"', "'"] }
const PYTHON: Syntax = {
  line: ['#'],
  block: [
    ['"""', '"""'],
    ["'''", "'''"],
  ],
  quotes: ['"', "'"],
}
const MARKUP: Syntax = { block: [['<!--', '-->']], quotes: [] }
const DASHES: Syntax = {
  line: ['--'],
  block: [
    ['/*', '*/'],
    ['--[[', ']]'],
    ['{-', '-}'],
  ],
  quotes: ['"', "'"],
}
const LISP: Syntax = { line: [';'], quotes: ['"'] }
const PERCENT: Syntax = { line: ['%'], quotes: [] }
const FORTRAN: Syntax = { line: ['!'], quotes: ['"', "'"] }

/** Syntax by linguist name in lower case. For other languages no natural-language part is found. */
const SYNTAXES = new Map<string, Syntax>([
  ...entries(
    C_LIKE,
    'c c++ c# objective-c java javascript typescript jsx tsx go rust swift kotlin scala dart php css scss less glsl cuda solidity groovy zig',
  ),
  ...entries(
    HASH,
    'shell ruby perl r julia elixir makefile dockerfile yaml toml cmake nim powershell',
  ),
  ...entries(PYTHON, 'python cython starlark'),
  ...entries(MARKUP, 'html xml svg vue'),
  ...entries(DASHES, 'sql lua haskell elm ada vhdl'),
  ...entries(LISP, 'clojure scheme racket assembly'),
  ...entries(LISP, 'common lisp|emacs lisp', '|'),
  ...entries(PERCENT, 'tex matlab erlang prolog'),
  ...entries(FORTRAN, 'fortran'),
])

function entries(syntax: Syntax, names: string, separator = ' '): [string, Syntax][] {
  return names.split(separator).map((name) => [name, syntax])
}

/**
 * The comments of a source file, one per line, or `''` if the language is unknown. Linear in the
 * length of the text.
 */
export function commentsOf(source: string, language: string): string {
  const syntax = SYNTAXES.get(language)
  if (syntax === undefined) return ''
  const opening = openings(syntax)
  const comments: string[] = []
  opening.lastIndex = 0
  for (let match = opening.exec(source); match !== null; match = opening.exec(source)) {
    const start = match[0]
    const from = opening.lastIndex
    const block = syntax.block?.find(([open]) => open === start)
    if (block !== undefined || syntax.line?.includes(start)) {
      const end = indexOrEnd(source, block?.[1] ?? '\n', from)
      comments.push(source.slice(from, end))
      opening.lastIndex = end + (block?.[1].length ?? 0)
    } else opening.lastIndex = pastString(source, from, start)
  }
  return comments.map(plainSentences).join('\n')
}

/** Finds the start of a comment or a string, longest first. */
function openings({ line = [], block = [], quotes }: Syntax): RegExp {
  const starts = [...line, ...block.map(([open]) => open), ...quotes].sort(
    (a, b) => b.length - a.length,
  )
  return new RegExp(
    starts.map((start) => start.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'),
    'g',
  )
}

function indexOrEnd(source: string, searched: string, from: number): number {
  const index = source.indexOf(searched, from)
  return index < 0 ? source.length : index
}

/**
 * Strings in single or double quotes end with the line at the latest, so an apostrophe costs at
 * most one line. Those in backticks do not.
 */
function pastString(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at++) {
    const character = source[at]
    if (character === '\\') at++
    else if (character === quote) return at + 1
    else if (character === '\n' && quote !== '`') return at
  }
  return source.length
}

/**
 * Sentences of plain words, without frames, tags, identifiers, paths or commented-out statements.
 */
function plainSentences(comment: string): string {
  return comment
    .split('\n')
    .filter((line) => !CODE_LINE.test(line))
    .map((line) => line.split(/\s+/).flatMap((word) => PLAIN_WORD.exec(word)?.[1] ?? []))
    .filter((words) => words.length >= FEWEST_WORDS)
    .map((words) => words.join(' '))
    .join('\n')
}

const CODE_LINE =
  /[;{}]\s*$|=>|[=!]==|^\s*(?:import|export|const|let|var|return|if|for|while|def|class)\b/
/**
 * Letters, with at most one capital at the start, an apostrophe or hyphen inside, and punctuation
 * around.
 */
const PLAIN_WORD =
  /^["'“«(]*(\p{L}[\p{Ll}\p{Lo}\p{Lm}\p{M}]*(?:['’-][\p{Ll}\p{Lo}\p{M}]+)*)[.,;:!?…"'”»)؟،؛]*$/u
/** Fewest words of a sentence; fewer on a line are headings and labels. */
const FEWEST_WORDS = 4
