import { accented, isAccent, signOf } from './accents.ts'
import { droppedArguments, headingOf, isReference } from './commands.ts'
import { conditional, isConditional } from './conditionals.ts'
import { DEFINING } from './definitions.ts'
import { isKnownEnvironment } from './environment-table.ts'
import { begin, end, item } from './environments.ts'
import { startMaths } from './maths.ts'
import { dropArguments, inGroup, inShownGroup, isHidden, type State } from './state.ts'
import { isLetter } from './tape.ts'

type Handler = (state: State) => void

/**
 * Whether a command or environment has a fixed meaning here: if a paper redefines it, the new
 * definition is ignored.
 */
export function isFixed(name: string): boolean {
  if (name.startsWith('begin ')) return isKnownEnvironment(name.slice('begin '.length))
  return (
    HANDLERS.has(name) ||
    headingOf(name) !== undefined ||
    droppedArguments(name) !== undefined ||
    isReference(name)
  )
}

/** Handles a command in running text. An unknown one disappears, but its arguments stay. */
export function commandInText(state: State, name: string): void {
  const { tape, prose } = state
  if (isAccent(name)) {
    const letter = tape.argument(20) ?? ''
    if (!isHidden(state)) prose.text(accented(name, letter))
    return
  }
  const sign = signOf(name)
  if (sign === ' ') {
    if (name === '\\') dropArguments(state, 'so')
    prose.space()
    return
  }
  if (isLetter(name.charCodeAt(0))) tape.skipSpaces()
  if (sign !== undefined) {
    if (sign !== '' && !isHidden(state)) prose.verbatim(sign)
    return
  }
  const handler = HANDLERS.get(name)
  if (handler) handler(state)
  else if (isReference(name)) {
    dropArguments(state, name.endsWith('range') ? 'smm' : 'soom')
    prose.removed()
  } else if (isConditional(name)) conditional(state, name)
  else openOrDrop(state, name)
}

function openOrDrop(state: State, name: string): void {
  const heading = headingOf(name)
  if (heading) openHeading(state, heading)
  else if (LENGTHS.has(name)) state.tape.skipMatch(LENGTH)
  else {
    dropArguments(state, droppedArguments(name) ?? 'o')
    state.tape.skipMatch(ASSIGNMENT)
  }
}

/** Commands of plain TeX that are followed by a length without braces. */
const LENGTHS = new Set([
  'hskip',
  'vskip',
  'kern',
  'mskip',
  'raise',
  'lower',
  'moveleft',
  'moveright',
])

const LENGTH =
  /[ \t]*[-+]?(?:[\d.]+[ \t]*(?:true)?[a-z]{2}|\\[A-Za-z]+)(?:[ \t]+(?:plus|minus)[ \t]*[\d.]+[ \t]*[a-z]{2,5})*/y

/** `\hsize=6in`: an assignment of plain TeX. */
const ASSIGNMENT =
  /[ \t]*=[ \t]*[-+]?(?:[\d.]+[ \t]*(?:true)?(?:pt|cm|mm|in|em|ex|pc)?|\\[A-Za-z]+)/y

function openHeading(state: State, marker: string): void {
  dropArguments(state, 'so')
  if (!isHidden(state)) state.prose.heading(marker)
  inGroup(state, () => isHidden(state) || state.prose.paragraph())
}

function caption(state: State): void {
  dropArguments(state, 'so')
  inShownGroup(state)
}

function abstract(state: State): void {
  state.hasAbstract = true
  if (!state.tape.isQuiet()) state.prose.heading('## Abstract')
  inShownGroup(state)
}

function footnote(state: State): void {
  state.tape.optional()
  const write = (piece: string): void => {
    if (!isHidden(state)) state.prose.text(piece)
  }
  write(' (')
  inGroup(state, () => write(')'))
}

/**
 * Reads another file here if the paper has it. Only the paper's own files are read, whatever the
 * path says.
 */
function include(state: State, path: string): void {
  const { tape, files, missing } = state
  const name = path
    .trim()
    .replace(/^"|"$/g, '')
    .replace(/^(?:\.\/)+/, '')
  const found = [name, `${name}.tex`].find((candidate) => files.has(candidate))
  if (found !== undefined) tape.open(files.get(found) ?? '', found, false)
  else if (name !== '' && missing.length < MAX_MISSING) missing.push(name)
}

const MAX_MISSING = 100

const includeArgument: Handler = (state) => include(state, state.tape.argument(MAX_PATH) ?? '')

/** LaTeX's `\input{file}` and TeX's `\input file`. */
function input(state: State): void {
  const { tape } = state
  if (tape.peek() === '{') {
    includeArgument(state)
    return
  }
  let name = ''
  while (name.length < MAX_PATH && /[^\s{}\\]/.test(tape.peek())) {
    name += tape.peek()
    tape.skip(1)
  }
  include(state, name)
}

function importFrom(state: State): void {
  const folder = state.tape.argument(MAX_PATH) ?? ''
  const file = state.tape.argument(MAX_PATH) ?? ''
  include(state, folder === '' || folder.endsWith('/') ? folder + file : `${folder}/${file}`)
}

const MAX_PATH = 500

/** Reads the definitions of packages that come with the paper. */
function usePackages({ tape, files }: State): void {
  tape.optional()
  for (const name of (tape.argument(2000) ?? '').split(',')) {
    const file = `${name.trim()}.sty`
    const text = files.get(file)
    if (text !== undefined) tape.open(text, file, true)
  }
}

function url(state: State): void {
  const address = state.tape.argument(4000)
  if (address && !isHidden(state)) state.prose.verbatim(address.replaceAll('\\', ''))
}

/** `\verb|…|` with any delimiter, or braces. */
function inlineCode(state: State): void {
  const { tape, prose } = state
  tape.star()
  const opening = tape.peek()
  tape.skip(1)
  const text = tape.until(opening === '{' ? '}' : opening)
  if (text && !isHidden(state)) prose.verbatim(`\`${text.replace(/\s+/g, ' ')}\``)
}

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ...[...DEFINING].map(([name, define]): [string, Handler] => [
    name,
    (state) => define(state.tape, state.definitions, isFixed),
  ]),
  ['begin', (state) => begin(state, state.tape.argument(100)?.trim() ?? '')],
  ['end', (state) => end(state, state.tape.argument(100)?.trim() ?? '')],
  ['item', item],
  ['(', (state) => startMaths(state, '\\)', false)],
  ['[', (state) => startMaths(state, '\\]', true)],
  ['ensuremath', ({ tape }) => void tape.expand(`$${tape.argument() ?? ''}$`)],
  ['par', (state) => void (isHidden(state) || state.prose.paragraph())],
  ['title', titled],
  ['abstract', abstract],
  ['caption', caption],
  ['figcaption', caption],
  ['tablecaption', caption],
  ['footnote', footnote],
  ['input', input],
  ['include', includeArgument],
  ['subfile', includeArgument],
  ['import', importFrom],
  ['subimport', importFrom],
  ['usepackage', usePackages],
  ['RequirePackage', usePackages],
  ['endinput', ({ tape }) => tape.closeFile()],
  ['bye', ({ tape }) => tape.closeFile()],
  ['url', url],
  ['path', url],
  ['verb', inlineCode],
  [
    'lstinline',
    (state) => {
      state.tape.optional()
      inlineCode(state)
    },
  ],
  ['xspace', ({ tape, prose }) => void (/[\p{L}\p{N}($]/u.test(tape.peek()) && prose.space())],
])

function titled(state: State): void {
  state.tape.optional()
  state.title = state.tape.argument(MAX_TITLE) ?? state.title
}

const MAX_TITLE = 5000
