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
  /** Set in lists; `items` counts the items so far. */
  readonly list?: { readonly kind: 'bullets' | 'numbers'; items: number }
}

/** The state of the conversion of one paper. */
export interface State {
  readonly tape: Tape
  /** Sources by path, without comments. */
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
  /** The argument of `\title`, as TeX. */
  title: string | undefined
  hasAbstract: boolean
  /** Not a TeX file but a piece typed by hand, in which `~` and `&` are ordinary characters. */
  readonly isFragment: boolean
}

/** Whether text is currently discarded. */
export const isHidden = ({ isMuted, tape }: State): boolean => isMuted || tape.isQuiet()

/**
 * Reads the next group as text and calls `close` at its end, or immediately if no group follows.
 */
export function inGroup({ tape, groups }: State, close: () => unknown): void {
  tape.skipSpaces()
  if (tape.peek() === '{') {
    tape.skip(1)
    groups.push(close)
  } else close()
}

/** Like `inGroup`, for text that is kept even if the text around it is not: captions, abstracts. */
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
 * Skips what belongs to a command: `s` a star, `o` an option in brackets, `m` an argument in
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

/** A longer argument is not skipped: its closing brace is missing. */
const MAX_DROPPED = 20_000
