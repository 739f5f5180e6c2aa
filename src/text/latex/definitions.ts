import type { Tape } from './tape.ts'

/** A command that the paper defines. */
export interface Macro {
  readonly parameters: number
  /** Default of the first parameter, which is then optional and in brackets. */
  readonly fallback: string | undefined
  /** Body, split at its parameters: text, number, text, number, … */
  readonly parts: readonly string[]
}

/** What a paper has defined so far. */
export interface Definitions {
  readonly commands: Map<string, Macro>
  readonly environments: Map<string, { readonly begin: Macro; readonly end: string }>
  /** Names of statements by their environment: `\newtheorem{thm}{Theorem}`. */
  readonly theorems: Map<string, string>
  /** Switches made with `\newif`, by their name without `if`. */
  readonly switches: Map<string, boolean>
}

/** The definitions at the start of a paper. */
export function noDefinitions(): Definitions {
  return { commands: new Map(), environments: new Map(), theorems: new Map(), switches: new Map() }
}

/**
 * Programming rather than abbreviation: such bodies are not expanded, and the command produces
 * nothing.
 */
const PROGRAM =
  /\\(?:@if|@next|futurelet|csname|expandafter|catcode|noexpand|afterassignment|read|write|openin|loop|count|dimen|box|setbox|halign|vtop|hbox to)/

const MAX_BODY = 20_000

type Define = (tape: Tape, definitions: Definitions, isFixed: (name: string) => boolean) => void

const nameOf = (argument: string | undefined): string | undefined => {
  const name = argument?.trim()
  return name?.startsWith('\\') && name.length > 1 ? name.slice(1) : undefined
}

function macroOf(body: string, parameters: number, fallback?: string): Macro | undefined {
  if (body.length > MAX_BODY || PROGRAM.test(body)) return undefined
  return { parameters, fallback, parts: body.split(/#([1-9])/) }
}

function newCommand(keepsOld: boolean): Define {
  return (tape, { commands }, isFixed) => {
    tape.skipSpaces()
    tape.star()
    const name = nameOf(tape.argument(200))
    tape.skipSpaces()
    const parameters = Number.parseInt(tape.optional() ?? '0', 10)
    tape.skipSpaces()
    const fallback = tape.optional()
    const body = tape.argument()
    if (
      name === undefined ||
      body === undefined ||
      isFixed(name) ||
      (keepsOld && commands.has(name))
    )
      return
    setOrDelete(
      commands,
      name,
      parameters >= 0 && parameters <= 9 ? macroOf(body, parameters, fallback) : undefined,
    )
  }
}

function setOrDelete<Value>(map: Map<string, Value>, name: string, value: Value | undefined): void {
  if (value === undefined) map.delete(name)
  else map.set(name, value)
}

/**
 * `\def\name#1#2{…}`. Parameters with other text between them are not supported; such a command is
 * not expanded.
 */
const def: Define = (tape, { commands }, isFixed) => {
  const name = nameOf(tape.argument(200))
  let parameters = ''
  while (parameters.length < 40 && tape.peek() !== '{' && tape.peek() !== '') {
    parameters += tape.peek()
    tape.skip(1)
  }
  const body = tape.argument()
  if (name === undefined || body === undefined || isFixed(name)) return
  const isPlain = /^\s*(?:#[1-9])*\s*$/.test(parameters)
  setOrDelete(commands, name, isPlain ? macroOf(body, parameters.split('#').length - 1) : undefined)
}

/** `\let\a=\b`: another name for what `\b` is now, or for `\b` if it is not defined yet. */
const letCommand: Define = (tape, { commands }, isFixed) => {
  const name = nameOf(tape.argument(200))
  tape.skipSpaces()
  if (tape.peek() === '=') tape.skip(1)
  const target = tape.argument(200)
  if (name === undefined || target === undefined || isFixed(name) || target === `\\${name}`) return
  setOrDelete(commands, name, commands.get(target.slice(1)) ?? macroOf(target, 0))
}

const operator: Define = (tape, { commands }) => {
  const star = tape.star() ? '*' : ''
  const name = nameOf(tape.argument(200))
  const body = tape.argument(2000)
  if (name !== undefined && body !== undefined) {
    setOrDelete(commands, name, macroOf(`\\operatorname${star}{${body}}`, 0))
  }
}

const newEnvironment: Define = (tape, { environments }, isFixed) => {
  tape.star()
  const name = tape.argument(200)?.trim()
  tape.skipSpaces()
  const parameters = Number.parseInt(tape.optional() ?? '0', 10)
  tape.skipSpaces()
  const fallback = tape.optional()
  const begin = macroOf(
    tape.argument() ?? '',
    parameters >= 0 && parameters <= 9 ? parameters : 0,
    fallback,
  )
  const end = macroOf(tape.argument() ?? '', 0)
  if (!name || !begin || !end || isFixed(`begin ${name}`)) return
  environments.set(name, { begin, end: end.parts.join('') })
}

const newTheorem: Define = (tape, { theorems }) => {
  tape.star()
  const name = tape.argument(200)?.trim()
  tape.optional()
  const title = tape.argument(500)
  tape.optional()
  if (name && title !== undefined) theorems.set(name, title)
}

const newSwitch: Define = (tape, { switches }) => {
  const name = nameOf(tape.argument(200))
  if (name?.startsWith('if')) switches.set(name.slice(2), false)
}

/** Commands that define something, each with its handler. */
export const DEFINING: ReadonlyMap<string, Define> = new Map<string, Define>([
  ['newcommand', newCommand(false)],
  ['renewcommand', newCommand(false)],
  ['DeclareRobustCommand', newCommand(false)],
  ['providecommand', newCommand(true)],
  ['def', def],
  ['gdef', def],
  ['edef', def],
  ['xdef', def],
  ['let', letCommand],
  ['DeclareMathOperator', operator],
  ['newenvironment', newEnvironment],
  ['renewenvironment', newEnvironment],
  ['newtheorem', newTheorem],
  ['newif', newSwitch],
])

/**
 * Reads the arguments of a macro and returns its text; undefined if arguments are missing or the
 * text is longer than the budget allows.
 */
export function expansion(tape: Tape, macro: Macro): string | undefined {
  const { parameters, fallback, parts } = macro
  const given: string[] = []
  if (fallback !== undefined && parameters > 0) {
    tape.skipSpaces()
    given.push(tape.optional() ?? fallback)
  }
  while (given.length < parameters) {
    const argument = tape.argument()
    if (argument === undefined) return undefined
    given.push(argument)
  }
  if (parameters === 0) return parts.length === 1 ? parts[0] : parts.join('')
  const filled = parts.map((part, index) =>
    index % 2 === 0 ? part : (given[Number(part) - 1] ?? ''),
  )
  const length = filled.reduce((sum, part) => sum + part.length, 0)
  return length < tape.left() ? filled.join('') : undefined
}
