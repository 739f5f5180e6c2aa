import type { Definitions } from './definitions.ts'
import type { Formula } from './formula.ts'
import type { Prose } from './prose.ts'
import type { Tape } from './tape.ts'

/** An environment that has begun. */
export interface OpenEnvironment {
  readonly name: string
  /** Whether text was hidden around it. */
  readonly wasMuted: boolean
  /** How many groups were open around it. */
  readonly groups: number
  /** Set in lists; counts the items of a numbered one. */
  readonly list?: { readonly kind: 'bullets' | 'numbers'; items: number }
}

/** Where the conversion of one paper stands. */
export interface State {
  readonly tape: Tape
  /** Sources by path, comments taken out. */
  readonly files: ReadonlyMap<string, string>
  readonly definitions: Definitions
  /** What to do at the end of each open group. */
  readonly groups: (() => unknown)[]
  readonly environments: OpenEnvironment[]
  /** How often each environment is open, so that a stray `\end` costs nothing. */
  readonly openNames: Map<string, number>
  readonly missing: string[]
  prose: Prose
  /** The formula being read. */
  maths: Formula | undefined
  /** Text is read but not written: in the preamble, in tables and pictures. */
  isMuted: boolean
  /** What `\title` was given, as TeX. */
  title: string | undefined
  hasAbstract: boolean
  /** No TeX file but a piece typed by hand, in which `~` and `&` mean themselves. */
  readonly isFragment: boolean
}

/** Whether text goes nowhere at the moment. */
export const isHidden = ({ isMuted, tape }: State): boolean => isMuted || tape.isQuiet()

/**
 * Lets the next group pass as text and does something at its end; at once where no group follows.
 */
export function inGroup({ tape, groups }: State, close: () => unknown): void {
  tape.skipSpaces()
  if (tape.peek() === '{') {
    tape.skip(1)
    groups.push(close)
  } else close()
}

/**
 * As `inGroup`, for text that is wanted even where the text around it is not: captions, abstracts.
 */
export function inShownGroup(state: State): void {
  const before = state.isMuted
  if (!isHidden(state)) state.prose.paragraph()
  state.isMuted = false
  inGroup(state, () => {
    if (!isHidden(state)) state.prose.paragraph()
    state.isMuted = before
  })
}

/**
 * Passes over what belongs to a command: `s` a star, `o` an option in brackets, `m` an argument in
 * braces.
 */
export function dropArguments({ tape }: State, shape: string): void {
  for (const part of shape) {
    if (part === 's') tape.star()
    else if (part === 'o') tape.optional()
    else {
      tape.skipSpaces()
      if (tape.peek() === '{') tape.argument(MAX_DROPPED)
    }
  }
}

/** A longer argument is not taken away: its closing brace is missing. */
const MAX_DROPPED = 20_000
