import { withoutComments } from './comments.ts'
import { conditional, isConditional, setSwitch } from './conditionals.ts'
import { DEFINING, expansion, noDefinitions } from './definitions.ts'
import type { Formula } from './formula.ts'
import { commandInMaths, dollar, endMaths } from './maths.ts'
import { proseWriter } from './prose.ts'
import { isHidden, type State } from './state.ts'
import { type Frame, inputTape, isLetter } from './tape.ts'
import { commandInText, isFixed } from './text-commands.ts'

/** TeX files by their path relative to the root of the paper. */
export type TexFiles = ReadonlyMap<string, string>

/** A paper as text. */
export interface LatexText {
  /** What `\title` says, as one line. */
  readonly title: string | undefined
  /** Everything between `\begin{document}` and `\end{document}`; headings start at `##`. */
  readonly body: string
  readonly hasAbstract: boolean
  /** Files that are included but missing, at most 100. */
  readonly missing: readonly string[]
  /** Whether the text is incomplete because macros grow, or braces stay open, beyond the budget. */
  readonly isCut: boolean
}

/** Characters of expansion allowed to any paper, and for each character of its sources. */
const BASE_BUDGET = 1 << 18
const BUDGET_FACTOR = 8

/**
 * Converts a paper to readable text with Markdown headings and lists. Maths stays TeX, with the
 * paper's own commands expanded. It reads as TeX does: what one macro opens, another may close.
 * Broken input does not throw. Time is linear in the size of the files.
 */
export function latexToText(files: TexFiles, main: string): LatexText {
  const texts = new Map([...files].map(([path, text]) => [path, withoutComments(text)] as const))
  const size = [...texts.values()].reduce((sum, text) => sum + text.length, 0)
  const source = texts.get(main) ?? ''
  const state = newState(texts, size, false)
  state.isMuted = source.includes('\\begin{document}')
  state.tape.open(source, main, false)
  read(state)
  const body = state.prose.finish()
  const { missing, hasAbstract } = state
  return { title: titleOf(state), body, hasAbstract, missing, isCut: state.tape.left() <= 0 }
}

/**
 * Converts a piece of TeX that is not a file, such as an abstract: `%`, `~` and `&` are ordinary
 * characters in it.
 */
export function latexFragment(source: string): string {
  const state = newState(new Map(), source.length, true)
  state.tape.expand(source)
  read(state)
  return state.prose.finish()
}

function newState(files: TexFiles, size: number, isFragment: boolean): State {
  return {
    tape: inputTape(BASE_BUDGET + BUDGET_FACTOR * size),
    files,
    definitions: noDefinitions(),
    groups: [],
    environments: [],
    openNames: new Map(),
    missing: [],
    prose: proseWriter(),
    maths: undefined,
    isMuted: false,
    title: undefined,
    hasAbstract: false,
    isFragment,
  }
}

/** The title, converted with all definitions of the paper up to its end. */
function titleOf(state: State): string | undefined {
  if (state.title === undefined) return undefined
  state.prose = proseWriter()
  state.isMuted = false
  state.groups.length = 0
  state.tape.expand(state.title)
  read(state)
  return state.prose.finish().replace(/\s+/g, ' ').trim() || undefined
}

/** Characters that end a run of plain text, one bit for each place where it can be. */
const [IN_TEXT, IN_LINE, IN_DISPLAY] = [1, 2, 4] as const
const SPECIAL = new Uint8Array(128)
for (const character of '~&') SPECIAL[character.charCodeAt(0)] = IN_TEXT
for (const character of '{}$\n') SPECIAL[character.charCodeAt(0)] = IN_TEXT | IN_LINE
SPECIAL['\\'.charCodeAt(0)] = IN_TEXT | IN_LINE | IN_DISPLAY

function plainEnd({ text, at }: Frame, maths: Formula | undefined): number {
  const place = maths ? (maths.endsAtCommand ? IN_DISPLAY : IN_LINE) : IN_TEXT
  let end = at
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code < 128 && ((SPECIAL[code] ?? 0) & place) !== 0) break
  }
  return end
}

/** Reads everything on the tape. */
function read(state: State): void {
  const { tape } = state
  for (let frame = tape.top(); frame; frame = tape.top()) {
    const end = plainEnd(frame, state.maths)
    if (end > frame.at) {
      const piece = frame.text.slice(frame.at, end)
      frame.at = end
      if (state.maths) state.maths.text(piece)
      else if (!isHidden(state)) state.prose.text(piece)
    } else special(state, frame)
  }
  endMaths(state)
}

function special(state: State, frame: Frame): void {
  const { maths, groups, prose } = state
  const character = frame.text[frame.at++] ?? ''
  if (character === '\\') command(state)
  else if (character === '\n') newline(state, frame)
  else if (character === '$') dollar(state)
  else if (character === '{') maths ? maths.openGroup() : groups.push(nothing)
  else if (character === '}') maths ? maths.closeGroup() : groups.pop()?.()
  else if (maths) maths.text(character)
  else if (state.isFragment) prose.text(character)
  else prose.space()
}

const nothing = (): void => {}

/**
 * One line end is a blank; an empty line starts a new paragraph, which no inline formula may cross.
 */
function newline(state: State, frame: Frame): void {
  const { text } = frame
  let isParagraph = false
  let at = frame.at
  for (
    let code = text.charCodeAt(at);
    code === 0x20 || (code >= 0x09 && code <= 0x0d);
    code = text.charCodeAt(++at)
  ) {
    if (code === 0x0a) isParagraph = true
  }
  frame.at = at
  if (state.maths && (state.maths.display || !isParagraph)) {
    state.maths.text('\n')
    return
  }
  endMaths(state)
  if (isHidden(state)) return
  if (isParagraph) state.prose.paragraph()
  else state.prose.space()
}

function command(state: State): void {
  const { tape, definitions } = state
  const name = tape.commandName()
  const macro = definitions.commands.get(name)
  if (macro) {
    // In a formula, blanks mean nothing and are kept for the reader.
    if (!state.maths && (isLetter(name.charCodeAt(0)) || name.startsWith('@'))) tape.skipSpaces()
    const text = expansion(tape, macro)
    if (text !== undefined) tape.expand(text)
  } else if (definitions.switches.size > 0 && setSwitch(state, name)) return
  else if (!state.maths) commandInText(state, name)
  else if (isConditional(name)) conditional(state, name)
  else if (DEFINING.has(name)) DEFINING.get(name)?.(tape, definitions, isFixed)
  else if (!commandInMaths(state, name)) commandInText(state, name)
}
