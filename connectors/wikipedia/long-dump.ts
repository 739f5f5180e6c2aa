/**
 * Makes the dump that `fixtures/long-*.bz2` hold packed: the same text on every machine, long
 * enough for several blocks.
 */

const WORDS =
  'نجم مجرة كوكب مذنب سديم ضوء كتلة مدار star galaxy planet comet nebula light mass orbit dust wave field'.split(
    ' ',
  )

/** Pages of the dump. */
export const LONG_PAGES = 120

function* words(): Generator<string> {
  // Numerical Recipes' quick generator: no quality is needed, only the same order everywhere.
  for (let seed = 1; ; seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0)
    yield WORDS[(seed >>> 16) % WORDS.length] ?? ''
}

/** XML of a whole dump; page `n` has the id `n` and a length of its own. */
export function longDump(): string {
  const source = words()
  const sentence = (length: number) =>
    Array.from({ length }, () => source.next().value as string).join(' ')
  const page = (id: number) => `  <page>
    <title>Page ${id}</title>
    <ns>0</ns>
    <id>${id}</id>
    <revision>
      <id>${id * 7}</id>
      <timestamp>2026-01-01T00:00:00Z</timestamp>
      <model>wikitext</model>
      <text xml:space="preserve">${sentence(100 + ((id * 37) % 1200))}.</text>
    </revision>
  </page>
`
  const header =
    '<mediawiki xml:lang="en"><siteinfo><dbname>enwiki</dbname><base>https://en.wikipedia.org/wiki/Main_Page</base></siteinfo>\n'
  return `${header}${Array.from({ length: LONG_PAGES }, (_, index) => page(index + 1)).join('')}</mediawiki>\n`
}
