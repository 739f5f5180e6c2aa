/** A text in OpenITI mARkdown, its marks removed. */
export interface BookText {
  readonly text: string
  /** Fields of the header by their bare names (`BookTITLE`), those without a value left out. */
  readonly header: ReadonlyMap<string, string>
}

const HEADER_START = '######OpenITI#'
const HEADER_END = '#META#Header#End#'

/** What stands where a field has no value. */
const EMPTY_FIELD = /^(?:NODATA|NOTGIVEN|NOCODE|NULL|NONE)?$/i

/**
 * Pages, milestones and pictures, with the blanks before them: from the first one on, or long runs
 * would be searched again and again.
 */
const PLACES =
  /(?<!\s)\s*(?:Page(?:Beg|End)?V\d+P\d+[A-Za-z]?|(?<![\p{L}\p{N}])ms[A-Z]?\d+(?![\p{L}\p{N}])|!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\))/gu

/** Tags of names, places, dates and kinds of passage: `@PER11`, `@QB@`, `@YD597`, `$RWY$`. */
const TAGS = /(?<![\p{L}\p{N}])@[A-Z][A-Z0-9_]*@?|^\$[A-Z]+\d*\$?/gu

/** Headings above what the editors of a print wrote, which is not part of the old text. */
const MODERN = /^\|?\s*(?:EDITOR|PARATEXT)\s*\|?/

/** Reads a file; undefined if it has no OpenITI header. Linear in its length. */
export function readBook(source: string): BookText | undefined {
  const end = source.indexOf(HEADER_END)
  if (!source.startsWith(HEADER_START) || end === -1) return undefined
  return {
    header: readHeader(source.slice(0, end)),
    text: cleanBody(source.slice(end + HEADER_END.length)),
  }
}

function readHeader(source: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of source.split('\n')) {
    const [, name = '', value = ''] =
      /^#META#\s*(?:\d+\.)?([A-Za-z][\w.]*)\s*::\s*(.*)$/.exec(line) ?? []
    if (name !== '' && !EMPTY_FIELD.test(value.trim())) fields.set(name, value.trim())
  }
  return fields
}

/** Paragraphs an empty line apart, verses line by line, headings as in Markdown. */
function cleanBody(source: string): string {
  const blocks: { text: string; verse: boolean }[] = []
  let modern = false
  for (const paragraph of joinLines(source)) {
    const heading = /^### (\|+|\$+)(.*)$/s.exec(paragraph)
    if (heading) modern = MODERN.test(`${heading[1]}${heading[2]}`)
    if (modern) continue
    const body = heading ? (heading[2] ?? '') : paragraph.replace(/^#+(?:\s|$)/, '')
    const verse = body.includes('%~%')
    const text = body
      .trim()
      .replace(PLACES, '')
      .replace(TAGS, '')
      .replaceAll('%~%', ' * ')
      .replace(/[ \t]+/g, ' ')
      .replace(/^ ?%|% ?$/g, '')
      .trim()
    if (text === '') continue
    const level = heading?.[1]?.startsWith('|')
      ? `${'#'.repeat(Math.min(6, heading[1].length))} `
      : ''
    blocks.push({ text: level + text, verse })
  }
  return blocks
    .map(
      ({ text, verse }, index) =>
        (index === 0 ? '' : verse && blocks[index - 1]?.verse ? '\n' : '\n\n') + text,
    )
    .join('')
}

/** The paragraphs, their `~~` lines joined. A line with neither mark is a paragraph of its own. */
function joinLines(source: string): string[] {
  const paragraphs: string[][] = []
  for (const line of source.split(/\r?\n/)) {
    const last = paragraphs.at(-1)
    if (line.startsWith('~~') && last) last.push(line.slice(2))
    else paragraphs.push([line.replace(/^~~/, '')])
  }
  return paragraphs.map((lines) => lines.join(' '))
}
