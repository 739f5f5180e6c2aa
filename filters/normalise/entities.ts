// HTML entities that were left in a text.
import { decodeHTMLStrict } from 'entities'
import { codeSpans } from './code-spans.ts'

/** An entity with its semicolon, its ampersand escaped any number of times. */
const ENTITY =
  /&((?:(?:amp|AMP|#0{0,4}38|#[xX]0{0,4}26);)*)([A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,8}|#[xX][0-9A-Fa-f]{1,7});/g
/** A tag in a line, or one that is escaped twice: what is escaped beside it shows markup. */
const TAG = /<[A-Za-z!/?]|&(?:amp|#38|#x26);lt;[A-Za-z!/?]/
/** A line that speaks of entities. */
const ABOUT_ENTITIES =
  /\b(?:entit(?:y|ies)|(?:un)?escap(?:e|es|ed|ing)|ampersand)\b|كيانات? (?:HTML|XML)/i
const OPENING = /["'“‘«`([]$/
const CLOSING = /^["'”’»`)\]]/

/**
 * The text with its entities decoded, and their number. They stay in code, in lines with a tag or
 * about entities, and between quotation marks or brackets of their own. An entity that is escaped
 * several times is decoded at once.
 */
export function decodeEntities(text: string): { readonly text: string; readonly count: number } {
  let count = 0
  if (text.search(ENTITY) < 0) return { text, count }
  const code = codeSpans(text)
  let span = 0
  let lineEnd = -1
  let decoded = false
  const result = text.replace(ENTITY, (entity, _escapes: string, name: string, at: number) => {
    while ((code[span]?.end ?? Number.POSITIVE_INFINITY) <= at) span++
    if ((code[span]?.start ?? Number.POSITIVE_INFINITY) <= at) return entity
    if (at >= lineEnd) {
      const start = text.lastIndexOf('\n', at) + 1
      const end = text.indexOf('\n', at)
      lineEnd = end < 0 ? text.length : end
      const line = text.slice(start, lineEnd)
      decoded = !TAG.test(line) && !ABOUT_ENTITIES.test(line)
    }
    const after = text.slice(at + entity.length, at + entity.length + 1)
    if (!decoded || (OPENING.test(text[at - 1] ?? '') && CLOSING.test(after))) return entity
    const meant = characterOf(name)
    if (meant === undefined) return entity
    count++
    return meant
  })
  return { text: result, count }
}

/** What an entity stands for. Names of letters may be in capitals as a whole (`&EACUTE;`). */
function characterOf(name: string): string | undefined {
  const entity = `&${name};`
  const found = decodeHTMLStrict(entity)
  if (found !== entity) return found
  if (name !== name.toUpperCase()) return undefined
  const small = entity.toLowerCase()
  const letter = decodeHTMLStrict(small)
  return letter === small ? undefined : letter.toUpperCase()
}
