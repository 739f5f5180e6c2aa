import { DROPPED_IN_MATHS, headingOf, isReference } from './commands.ts'
import { formula } from './formula.ts'
import { dropArguments, isHidden, type State } from './state.ts'

/** Begins a formula that ends at `end`: `$`, `$$`, `\)`, `\]` or the name of an environment. */
export function startMaths(state: State, end: string, display: boolean): void {
  endMaths(state)
  state.maths = formula(end, display)
}

/** Writes the open formula, if there is one. */
export function endMaths(state: State): void {
  const { maths, prose } = state
  if (!maths) return
  state.maths = undefined
  const text = maths.finish()
  if (isHidden(state) || text === '') return
  if (maths.display) prose.lines(text)
  else prose.verbatim(text)
}

/** Handles a `$` in the source. */
export function dollar(state: State): void {
  const { tape, maths } = state
  const isDouble = tape.peek() === '$'
  if (!maths) {
    if (isDouble) tape.skip(1)
    startMaths(state, isDouble ? '$$' : '$', isDouble)
  } else if (maths.isNested() || (maths.end !== '$' && maths.end !== '$$')) maths.text('$')
  else {
    if (maths.end === '$$' && isDouble) tape.skip(1)
    endMaths(state)
  }
}

/**
 * Handles a command inside a formula. Returns false if the command shows that the formula has ended
 * without its closing mark.
 */
export function commandInMaths(state: State, name: string): boolean {
  const { tape, maths, definitions } = state
  if (!maths) return false
  if (maths.end === `\\${name}`) endMaths(state)
  else if (name === 'end' || name === 'begin') {
    const environment = tape.argument(100)?.trim() ?? ''
    if (name === 'end' && environment === maths.end) endMaths(state)
    else if (environment === 'document') {
      tape.expand(`\\${name}{${environment}}`)
      endMaths(state)
    } else {
      const own = definitions.environments.get(environment)
      if (own && own.begin.parameters === 0)
        tape.expand(name === 'begin' ? own.begin.parts.join('') : own.end)
      else maths.text(`\\${name}{${environment}}`)
    }
  } else if (headingOf(name)) {
    endMaths(state)
    return false
  } else if (isReference(name)) dropArguments(state, 'som')
  else if (name === 'ensuremath') {
    const argument = tape.argument() ?? ''
    tape.expand(argument.startsWith('{') ? argument : `{${argument}}`)
  } else if (name === 'color') dropArguments(state, 'om')
  else if (!DROPPED_IN_MATHS.has(name)) maths.command(name)
  return true
}
