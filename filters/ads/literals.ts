// Derives from a pattern the strings that every match contains. A scanner looks for these before
// any pattern runs.

/** One way to match a pattern. */
export interface Way {
  /** Every text that matches this way contains one of these. */
  readonly literals: readonly string[]
  /** Characters of its longest match; infinite if there is none. */
  readonly longest: number
}

/** A piece of a pattern; `any` is one of many characters. */
type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'any' }
  | { readonly type: 'sequence'; readonly parts: readonly Node[] }
  | { readonly type: 'choice'; readonly branches: readonly Node[] }
  | { readonly type: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }

/** Most strings for one stretch of a pattern; beyond that, a shorter stretch is used. */
const MOST_STRINGS = 24

/**
 * The ways to match a pattern, one per top-level branch. Supports the syntax of this filter's
 * patterns: groups, choices, classes, repetition, look-around and anchors (assumed to match).
 */
export function waysToMatch({ source }: RegExp): Way[] {
  const reader = { source, at: 0 }
  const node = readChoice(reader)
  if (reader.at < source.length)
    throw new SyntaxError(`unexpected ${source.slice(reader.at)} in ${source}`)
  return branchesOf(node).map((branch) => ({
    literals: shortestOnly(needed(branch)),
    longest: longest(branch),
  }))
}

interface Reader {
  readonly source: string
  at: number
}

const EMPTY: Node = { type: 'text', text: '' }
const ANY: Node = { type: 'any' }

function readChoice(reader: Reader): Node {
  const branches = [readSequence(reader)]
  while (reader.source[reader.at] === '|') {
    reader.at++
    branches.push(readSequence(reader))
  }
  return branches.length === 1 ? (branches[0] ?? EMPTY) : { type: 'choice', branches }
}

function readSequence(reader: Reader): Node {
  const parts: Node[] = []
  while (reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at] ?? '')) {
    const part = readQuantifier(reader, readPart(reader))
    if (part !== EMPTY) parts.push(part)
  }
  return parts.length === 1 ? (parts[0] ?? EMPTY) : { type: 'sequence', parts }
}

function readPart(reader: Reader): Node {
  const [text = '', look, group, set, escaped, anchor] =
    takeMatch(
      reader,
      /(\(\?<?[=!])|(\((?:\?:)?)|\[([^\]]*)\]|\\(p\{\w+\}|\D)|([$^])|[^()|[\]\\^$]/uy,
    ) ?? []
  if (text === '') throw new SyntaxError(`cannot read ${reader.source.slice(reader.at)}`)
  if (look !== undefined || (group !== undefined && group !== '(')) {
    const inner = readChoice(reader)
    if (takeMatch(reader, /\)/y) === undefined)
      throw new SyntaxError(`no end of a group in ${reader.source}`)
    return look === undefined ? inner : EMPTY
  }
  if (group !== undefined) throw new SyntaxError(`a capturing group in ${reader.source}`)
  if (anchor !== undefined) return EMPTY
  if (set !== undefined) return choiceOf(set)
  if (escaped !== undefined) return /^[\w]/.test(escaped) ? ANY : { type: 'text', text: escaped }
  return text === '.' ? ANY : { type: 'text', text }
}

/** A class of a few plain characters is treated as a choice. */
function choiceOf(set: string): Node {
  if (!/^[^\\^-]{1,4}$/u.test(set)) return ANY
  return { type: 'choice', branches: [...set].map((text) => ({ type: 'text', text })) }
}

function readQuantifier(reader: Reader, part: Node): Node {
  const [sign, least, comma, most] = takeMatch(reader, /[?*+]|\{(\d+)(,?)(\d*)\}/y) ?? []
  if (sign === undefined || part === EMPTY) return part
  if (sign === '?') return { type: 'repeat', part, least: 0, most: 1 }
  if (least === undefined)
    return { type: 'repeat', part, least: sign === '+' ? 1 : 0, most: Number.POSITIVE_INFINITY }
  const open = comma === '' ? Number(least) : Number.POSITIVE_INFINITY
  return { type: 'repeat', part, least: Number(least), most: most === '' ? open : Number(most) }
}

function takeMatch(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.source)
  if (match === null) return undefined
  reader.at = pattern.lastIndex
  return match
}

function branchesOf(node: Node): readonly Node[] {
  return node.type === 'choice' ? node.branches.flatMap(branchesOf) : [node]
}

function longest(node: Node): number {
  if (node.type === 'text') return node.text.length
  if (node.type === 'any') return 1
  if (node.type === 'sequence') return node.parts.reduce((sum, part) => sum + longest(part), 0)
  if (node.type === 'choice') return Math.max(...node.branches.map(longest))
  return longest(node.part) * node.most
}

/** All strings that match, if they are few. */
function stringsOf(node: Node): readonly string[] | undefined {
  if (!known.has(node)) known.set(node, listStrings(node))
  return known.get(node)
}

const known = new WeakMap<Node, readonly string[] | undefined>()

function listStrings(node: Node): readonly string[] | undefined {
  if (node.type === 'text') return [node.text]
  if (node.type === 'any') return undefined
  if (node.type === 'repeat') {
    const strings = node.least === 0 && node.most === 1 ? stringsOf(node.part) : undefined
    return strings && fewOnly(['', ...strings])
  }
  if (node.type === 'choice') {
    const branches = node.branches.map(stringsOf)
    return branches.every((strings) => strings !== undefined) ? fewOnly(branches.flat()) : undefined
  }
  return node.parts.reduce<readonly string[] | undefined>(
    (strings, part) => joined(strings, stringsOf(part)),
    [''],
  )
}

const fewOnly = (strings: readonly string[]): readonly string[] | undefined =>
  strings.length <= MOST_STRINGS ? strings : undefined

const joined = (heads: readonly string[] | undefined, tails: readonly string[] | undefined) =>
  heads && tails && fewOnly(heads.flatMap((head) => tails.map((tail) => head + tail)))

/**
 * Strings one of which is in every match: those of the stretch whose shortest string is longest.
 */
function needed(node: Node): readonly string[] {
  const strings = stringsOf(node)
  if (strings) return strings
  if (node.type === 'choice') return node.branches.flatMap(needed)
  if (node.type === 'repeat') return node.least > 0 ? needed(node.part) : ['']
  if (node.type !== 'sequence') return ['']
  const stretches: (readonly string[])[] = []
  let stretch: readonly string[] = ['']
  for (const part of node.parts) {
    const next = stringsOf(part)
    const longer = joined(stretch, next)
    if (longer === undefined) stretches.push(stretch, needed(part))
    stretch = longer ?? next ?? ['']
  }
  const shortest = (all: readonly string[]): number => Math.min(...all.map((text) => text.length))
  return [...stretches, stretch].reduce((best, one) =>
    shortest(one) > shortest(best) ? one : best,
  )
}

/** Removes strings that contain another one. */
const shortestOnly = (strings: readonly string[]): string[] => {
  const unique = [...new Set(strings)]
  return unique.filter((text) => !unique.some((other) => other !== text && text.includes(other)))
}
