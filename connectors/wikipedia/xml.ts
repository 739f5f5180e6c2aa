/*
 * The subset of XML that dumps use, read without a parser. Elements are found by their tags,
 * because `<` is always escaped in text. Only the five built-in entities and numeric character
 * references are decoded. A DOCTYPE is not interpreted, so nothing outside the file can be
 * referenced.
 */

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
}

const LONGEST_ENTITY = '&#x10ffff'.length
const SEMICOLON = 0x3b

/** Decodes entities once. Anything that is not an entity stays unchanged. */
export function decodeXml(text: string): string {
  let at = text.indexOf('&')
  if (at === -1) return text
  // Parts are joined at the end, because a string built by concatenation is slow to read character
  // by character.
  const parts: string[] = []
  let from = 0
  while (at !== -1) {
    let end = at + 1
    while (end < at + LONGEST_ENTITY && text.charCodeAt(end) !== SEMICOLON) end++
    const decoded = text.charCodeAt(end) === SEMICOLON ? entity(text, at + 1, end) : undefined
    if (decoded !== undefined) {
      parts.push(text.slice(from, at), decoded)
      from = end + 1
    }
    at = text.indexOf('&', decoded === undefined ? at + 1 : from)
  }
  parts.push(text.slice(from))
  return parts.join('')
}

function entity(text: string, start: number, end: number): string | undefined {
  // Fast path without a slice for the two entities that make up nearly all of a dump.
  if (end - start === 2 && text.charCodeAt(start + 1) === 0x74) {
    if (text.charCodeAt(start) === 0x6c) return '<'
    if (text.charCodeAt(start) === 0x67) return '>'
  }
  const name = text.slice(start, end)
  if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined
  const code = /^#x[\da-f]{1,6}$/i.test(name)
    ? Number.parseInt(name.slice(2), 16)
    : /^#\d{1,7}$/.test(name)
      ? Number(name.slice(1))
      : 0
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    ? String.fromCodePoint(code)
    : undefined
}

/**
 * The decoded content of the first element of this name that starts at or after `from`. Returns an
 * empty string for `<name />`, and undefined if there is no such element or it has no end tag.
 */
export function elementText(xml: string, name: string, from = 0): string | undefined {
  const tag = findTag(xml, name, from)
  if (!tag) return undefined
  if (tag.empty) return ''
  const end = xml.indexOf(`</${name}>`, tag.end)
  return end === -1 ? undefined : decodeXml(xml.slice(tag.end, end))
}

/** A start tag: `start` is the offset of its `<`, `end` the offset after its `>`. */
export interface Tag {
  readonly start: number
  readonly end: number
  readonly attributes: string
  readonly empty: boolean
}

/** The first start tag of this name at or after `from`. */
export function findTag(xml: string, name: string, from = 0): Tag | undefined {
  for (
    let start = xml.indexOf(`<${name}`, from);
    start !== -1;
    start = xml.indexOf(`<${name}`, start + 1)
  ) {
    const after = start + name.length + 1
    if (!/[\s/>]/.test(xml[after] ?? '')) continue
    const close = xml.indexOf('>', after)
    if (close === -1) return undefined
    const empty = xml[close - 1] === '/'
    return { start, end: close + 1, attributes: xml.slice(after, empty ? close - 1 : close), empty }
  }
  return undefined
}

/** The decoded value of an attribute; undefined if it is missing. */
export function attribute(attributes: string, name: string): string | undefined {
  for (const match of attributes.matchAll(
    /(?<![\w:.-])([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  )) {
    if (match[1] === name) return decodeXml(match[2] ?? match[3] ?? '')
  }
  return undefined
}
