// What a page says about being collected: `robots` in its head or its HTTP header, and the TDM
// Reservation Protocol, a report of a W3C community group.

/** The directives that are recorded. `none` stands for `noindex, nofollow`. */
export const DIRECTIVES = ['noindex', 'none', 'noai', 'noimageai', 'tdm-reservation'] as const
/** One of `DIRECTIVES`. */
export type Directive = (typeof DIRECTIVES)[number]

/** Members of the metadata that hold robots directives; `-` and `_`, and case, are the same. */
const ROBOTS = new Set(['robots', 'x-robots-tag'])
const TDM = 'tdm-reservation'

/**
 * The directives in the metadata of a record, in the order of `DIRECTIVES`. Directives for one
 * robot (`googlebot: noindex`) do not count.
 */
export function directivesIn(metadata: string): readonly Directive[] {
  if (!/robots|tdm[-_]reservation/i.test(metadata)) return []
  const found = new Set<string>()
  for (const [key, value] of Object.entries(JSON.parse(metadata) as Record<string, unknown>)) {
    const name = key.toLowerCase().replaceAll('_', '-')
    for (const text of [value].flat().map(String)) {
      if (name === TDM && /^\s*(?:1|true)\s*$/i.test(text)) found.add(TDM)
      if (ROBOTS.has(name)) for (const word of robotsWords(text)) found.add(word)
    }
  }
  return DIRECTIVES.filter((directive) => found.has(directive))
}

/** Words of a directive list that speak to every robot. A name with a colon ends those. */
function robotsWords(text: string): string[] {
  const words: string[] = []
  for (const part of text.toLowerCase().split(',')) {
    const colon = part.indexOf(':')
    const name = part.slice(0, Math.max(0, colon)).trim()
    if (colon !== -1 && !VALUED.has(name)) {
      if (name !== '*') break
      words.push(part.slice(colon + 1).trim())
    } else words.push(part.trim())
  }
  return words
}

/** Directives whose value follows a colon. */
const VALUED = new Set([
  ...['max-snippet', 'max-image-preview', 'max-video-preview', 'unavailable_after'],
])
