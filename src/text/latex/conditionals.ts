import type { State } from './state.ts'

/** Whether a command is `\if…`, `\else` or `\fi`. The arrow `\iff` is not. */
export const isConditional = (name: string): boolean =>
  name === 'else' || name === 'fi' || (name.startsWith('if') && name !== 'iff')

/**
 * Chooses a branch. A condition that cannot be decided counts as false, which also removes its
 * operands.
 */
export function conditional(state: State, name: string): void {
  const { tape } = state
  if (name === 'ifthenelse') {
    tape.argument(2000)
    const chosen = tape.argument()
    tape.argument()
    if (chosen !== undefined) tape.expand(chosen)
  } else if (name === 'else') tape.skipBranch(false)
  else if (name !== 'fi' && !isTrue(state, name.slice(2))) tape.skipBranch(true)
}

function isTrue({ maths, definitions }: State, condition: string): boolean {
  if (condition === 'mmode') return maths !== undefined
  return condition === 'true' || definitions.switches.get(condition) === true
}

/**
 * Handles `\footrue` and `\foofalse` for a switch that the paper has made; returns false for other
 * commands.
 */
export function setSwitch({ definitions: { switches } }: State, name: string): boolean {
  const isOn = name.endsWith('true')
  if (!isOn && !name.endsWith('false')) return false
  const key = name.slice(0, isOn ? -4 : -5)
  if (!switches.has(key)) return false
  switches.set(key, isOn)
  return true
}
