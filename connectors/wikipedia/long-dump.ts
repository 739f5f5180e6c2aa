/**
 * Generates the dump that `fixtures/long-*.bz2` contain. The text is the same on every machine and
 * long enough for several bzip2 blocks.
 */

const WORDS = (
  'نجم مجرة كوكب مذنب سديم ضوء كتلة مدار ' +
  'star galaxy planet comet nebula light mass orbit dust wave field'
).split(' ')

/** Number of pages in the dump. */
export const LONG_PAGES = 120

function* words(): Generator<string> {
  // The quick generator of Numerical Recipes. Quality does not matter, only the same sequence
  // everywhere.
  for (let seed = 1; ; seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0)
    yield WORDS[(seed >>> 16) % WORDS.length] ?? ''
}

/** Returns the XML of a whole dump. Page `n` has the id `n`, and page lengths vary. */
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
    '<mediawiki xml:lang="en"><siteinfo><dbname>enwiki</dbname>' +
    '<base>https://en.wikipedia.org/wiki/Main_Page</base></siteinfo>\n'
  const pages = Array.from({ length: LONG_PAGES }, (_, index) => page(index + 1))
  return `${header}${pages.join('')}</mediawiki>\n`
}
