import { decodeHTMLStrict } from 'entities'

const ENTITY = /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});/y
const known = new Map<string, string>()

/** Decodes the HTML entity that begins at `at`; undefined if there is none. */
export function decodeEntity(
  text: string,
  at: number,
): { readonly text: string; readonly end: number } | undefined {
  ENTITY.lastIndex = at
  const entity = ENTITY.exec(text)?.[0]
  if (entity === undefined) return undefined
  const end = at + entity.length
  let decoded = known.get(entity)
  if (decoded === undefined) {
    decoded = decodeHTMLStrict(entity)
    if (known.size < 5000) known.set(entity, decoded)
  }
  return decoded === entity ? undefined : { text: decoded, end }
}

/** Decodes every HTML entity of a text. */
export function decodeEntities(text: string): string {
  return text.includes('&') ? decodeHTMLStrict(text) : text
}
