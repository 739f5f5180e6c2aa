/*
 * First pass: finds which bracket belongs to which, and which elements are taken as a whole. It
 * looks at each character once and keeps a stack, so the cost is linear at any nesting. Brackets
 * without a partner are known before anything is rendered.
 */

/** Elements whose content is not wikitext, or is dropped anyway: taken as one piece. */
const OPAQUE = new Set([
  ...[
    'nowiki',
    'pre',
    'math',
    'chem',
    'ce',
    'ref',
    'references',
    'gallery',
    'syntaxhighlight',
    'source',
    'timeline',
  ],
  ...[
    'score',
    'graph',
    'mapframe',
    'maplink',
    'imagemap',
    'hiero',
    'templatedata',
    'inputbox',
    'categorytree',
  ],
  ...['includeonly', 'style', 'script', 'sup', 'sub', 'indicator', 'phonos'],
])

/** The partners of the brackets of one text. */
export interface Spans {
  /**
   * The position just past the partner of the bracket, or just past the end tag of the element,
   * that begins at `at`; 0 if there is none.
   */
  endOf(at: number): number
}

/** ASCII characters that begin or end a span. */
const BRACKETS = new Uint8Array(128)
for (const character of '{}[]<|') BRACKETS[character.charCodeAt(0)] = 1

/** Elements of the list above whose content is wikitext. */
const RAISED = /^<su[bp]/

let ends = new Int32Array(1 << 16)

const BRACKET = { template: 0, link: 1, table: 2 } as const

/** Finds the partners. The result is valid until the next call. */
export function findSpans(text: string): Spans {
  if (ends.length <= text.length) ends = new Int32Array(text.length * 2)
  else ends.fill(0, 0, text.length + 1)
  const stack = bracketStack(ends)
  const closers = new Map<string, Finder>()
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7d || BRACKETS[code] === 0) continue
    if (code === 0x7b) {
      if (text.charCodeAt(at + 1) === 0x7b) stack.open(BRACKET.template, at++)
      else if (text.charCodeAt(at + 1) === 0x7c && startsLine(text, at))
        stack.open(BRACKET.table, at++)
    } else if (code === 0x5b) {
      if (text.charCodeAt(at + 1) === 0x5b) stack.open(BRACKET.link, at++)
    } else if (code === 0x7d) {
      if (text.charCodeAt(at + 1) === 0x7d && stack.close(BRACKET.template, at + 2)) at++
    } else if (code === 0x5d) {
      if (text.charCodeAt(at + 1) === 0x5d && stack.close(BRACKET.link, at + 2)) at++
    } else if (code === 0x7c) {
      if (text.charCodeAt(at + 1) === 0x7d && stack.inTable() && startsLine(text, at)) {
        if (stack.close(BRACKET.table, at + 2)) at++
      }
    } else if (code === 0x3c) {
      const end = elementEnd(text, at, closers)
      if (end === 0) continue
      ends[at] = end
      if (text[at + 1] !== 's' || !RAISED.test(text.slice(at, at + 4))) at = end - 1
    }
  }
  return { endOf: (at) => ends[at] ?? 0 }
}

/**
 * The open brackets. A closing bracket that fits discards unclosed ones above its partner; links do
 * not reach across templates.
 */
function bracketStack(partners: Int32Array) {
  const kinds: number[] = []
  const places: number[] = []
  const open = [0, 0, 0]
  const pop = (): number => {
    const kind = kinds.pop() as number
    open[kind] = (open[kind] as number) - 1
    return kind
  }
  return {
    open(kind: number, at: number): void {
      kinds.push(kind)
      places.push(at)
      open[kind] = (open[kind] as number) + 1
    },
    close(kind: number, end: number): boolean {
      if (open[kind] === 0) return false
      if (kind === BRACKET.link && kinds.at(-1) !== kind) return false
      for (;;) {
        const at = places.pop() as number
        if (pop() !== kind) continue
        partners[at] = end
        return true
      }
    },
    inTable: () =>
      kinds.at(-1) === BRACKET.table ||
      ((open[BRACKET.table] as number) > 0 && kinds.at(-1) === BRACKET.link),
  }
}

/**
 * Whether only white space, list marks or the `|` of a template precede this position on its line.
 */
function startsLine(text: string, at: number): boolean {
  for (let before = at - 1; before >= 0; before--) {
    const code = text.charCodeAt(before)
    if (code === 0x0a) return true
    if (code !== 0x20 && code !== 0x09 && code !== 0x3a && code !== 0x2a && code !== 0x23)
      return code === 0x7c
  }
  return true
}

/**
 * The position just past a comment or an opaque element that begins here; 0 for other tags and for
 * anything that is never closed.
 */
function elementEnd(text: string, at: number, closers: Map<string, Finder>): number {
  if (text.startsWith('!--', at + 1)) {
    const end = finder(text, '-->', closers)(at + 4)
    return end === -1 ? 0 : end + 3
  }
  const name = tagName(text, at + 1)
  if (!OPAQUE.has(name)) return 0
  const close = tagEnd(text, at)
  if (close === -1) return 0
  if (text.charCodeAt(close - 1) === 0x2f) return close + 1
  const end = finder(text, `</${name}`, closers)(close)
  if (end === -1) return 0
  // Someone forgot to close it: losing a tag is better than losing a section.
  if (INLINE.has(name)) {
    const heading = finder(text, '\n==', closers)(close)
    if (heading !== -1 && heading < end) return 0
  }
  return tagEnd(text, end) + 1
}

const INLINE = new Set(['ref', 'sup', 'sub'])
const MAX_TAG = 1000
const MAX_NAME = 16

/** Position of the `>` of the tag that begins at `at`; -1 if none is near. */
export function tagEnd(text: string, at: number): number {
  const limit = Math.min(text.length, at + MAX_TAG)
  for (let end = at + 1; end < limit; end++) {
    const code = text.charCodeAt(end)
    if (code === 0x3e) return end
    if (code === 0x3c) return -1
  }
  return -1
}

/**
 * The lower-case name of the tag whose name begins at `at`; empty for end tags and for a `<` that
 * begins no tag.
 */
export function tagName(text: string, at: number): string {
  let end = at
  while (end < at + MAX_NAME && isLetter(text.charCodeAt(end))) end++
  return end === at ? '' : text.slice(at, end).toLowerCase()
}

const isLetter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)

/**
 * Finds the next occurrence at or after a position. Positions must not decrease, so all calls
 * together are one search.
 */
type Finder = (from: number) => number

function finder(text: string, needle: string, known: Map<string, Finder>): Finder {
  const existing = known.get(needle)
  if (existing) return existing
  let found = -2
  const next: Finder = (from) => {
    if (found === -2 || (found !== -1 && found < from)) found = text.indexOf(needle, from)
    return found
  }
  known.set(needle, next)
  return next
}
