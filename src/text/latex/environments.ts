import { VERBATIM } from './comments.ts'
import { expansion } from './definitions.ts'
import {
  environmentArguments,
  headingOfEnvironment,
  isSilent,
  listOf,
  mathsOf,
  statementOf,
} from './environment-table.ts'
import { startMaths } from './maths.ts'
import { dropArguments, isHidden, type State } from './state.ts'

const CODE = new Set<string>(VERBATIM.filter((name) => name !== 'filecontents'))

/** Handles `\begin{name}`. */
export function begin(state: State, name: string): void {
  const { tape, definitions, prose } = state
  const maths = mathsOf(name)
  if (name === 'document') {
    if (!tape.isQuiet()) state.isMuted = false
    return
  }
  if (maths) {
    startMaths(state, name, maths === 'display')
    return
  }
  const own = definitions.environments.get(name)
  if (own) {
    push(state, name)
    const text = expansion(tape, own.begin)
    if (text !== undefined) tape.expand(text)
    return
  }
  if (CODE.has(name) && code(state, name)) return
  dropArguments(state, environmentArguments(name))
  push(state, name)
  if (isSilent(name)) state.isMuted = true
  if (isHidden(state)) return
  const heading = headingOfEnvironment(name)
  if (heading) {
    prose.heading(heading)
    if (heading.endsWith('Abstract')) state.hasAbstract = true
  }
  prose.paragraph()
  const statement = definitions.theorems.get(name) ?? statementOf(name)
  if (statement) tape.expand(`${statement}. `)
}

function push(state: State, name: string): void {
  const kind = listOf(name)
  const { environments, openNames, groups, isMuted } = state
  environments.push({
    name,
    wasMuted: isMuted,
    groups: groups.length,
    ...(kind ? { list: { kind, items: 0 } } : {}),
  })
  openNames.set(name, (openNames.get(name) ?? 0) + 1)
}

/**
 * Handles `\end{name}` and ends everything inside that was not ended. Does nothing if the
 * environment was not begun.
 */
export function end(state: State, name: string): void {
  const { tape, definitions, environments, openNames, groups } = state
  if (name === 'document') {
    if (!isHidden(state)) state.prose.paragraph()
    tape.closeFile()
    return
  }
  if (!openNames.get(name)) return
  for (let open = environments.pop(); open; open = environments.pop()) {
    openNames.set(open.name, (openNames.get(open.name) ?? 1) - 1)
    if (open.list && open.list.items > 0 && !isHidden(state)) state.prose.closeItem()
    state.isMuted = open.wasMuted
    groups.length = Math.min(groups.length, open.groups)
    if (open.name === name) break
  }
  const own = definitions.environments.get(name)
  if (own) tape.expand(own.end)
  else if (!isHidden(state)) state.prose.paragraph()
}

/** Handles `\item` and its label in brackets. */
export function item(state: State): void {
  const { tape, prose, environments } = state
  const label = tape.optional()
  const list = environments.findLast((open) => open.list)?.list
  if (isHidden(state)) return
  if (!list) prose.paragraph()
  else {
    if (list.items++ > 0) prose.closeItem()
    prose.openItem(list.kind === 'numbers' ? `${list.items}. ` : '- ')
  }
  if (label) tape.expand(`${label} `)
}

/** Writes verbatim text as a fenced block; returns false if it has no end. */
function code(state: State, name: string): boolean {
  const { tape, prose } = state
  const options = tape.optional()
  const language =
    name === 'minted' ? tape.argument(50) : /language=\{?([\w+#]+)/.exec(options ?? '')?.[1]
  const text = tape.until(`\\end{${name}}`)
  if (text === undefined) return false
  if (isHidden(state)) return true
  const body = text.replace(/^\s*\n/, '').trimEnd()
  const fence = body.includes('```') ? '````' : '```'
  if (body !== '') prose.lines(`${fence}${(language ?? '').toLowerCase()}\n${body}\n${fence}`)
  return true
}
