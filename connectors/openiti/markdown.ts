/** A text in OpenITI mARkdown with its markup removed. */
export interface BookText {
  readonly text: string
  /** Header fields by their bare names (`BookTITLE`). Fields without a value are missing. */
  readonly header: ReadonlyMap<string, string>
}

const HEADER_START = '######OpenITI#'
const HEADER_END = '#META#Header#End#'

/** Placeholders of fields that have no value. */
const EMPTY_FIELD = /^(?:NODATA|NOTGIVEN|NOCODE|NULL|NONE)?$/i

/**
 * Page marks, milestones and pictures, with the blanks before them. The lookbehind makes a match
 * start at the first blank of a run; otherwise long runs would be scanned again and again.
 */
const PLACES =
  /(?<!\s)\s*(?:Page(?:Beg|End)?V\d+P\d+[A-Za-z]?|(?<![\p{L}\p{N}])ms[A-Z]?\d+(?![\p{L}\p{N}])|!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\))/gu

/** Tags for names, places, dates and kinds of passage: `@PER11`, `@QB@`, `@YD597`, `$RWY$`. */
const TAGS = /(?<![\p{L}\p{N}])@[A-Z][A-Z0-9_]*@?|^\$[A-Z]+\d*\$?/gu

/**
 * Headings of sections by the editors of the printed edition, which are not part of the classical
 * text.
 */
const MODERN = /^\|?\s*(?:EDITOR|PARATEXT)\s*\|?/

/** Reads one file, in linear time. Returns undefined if there is no OpenITI header. */
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

/** Paragraphs separated by an empty line, one verse per line, headings as in Markdown. */
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

/** Joins `~~` lines to the paragraph they continue. Every other line starts a paragraph. */
function joinLines(source: string): string[] {
  const paragraphs: string[][] = []
  for (const line of source.split(/\r?\n/)) {
    const last = paragraphs.at(-1)
    if (line.startsWith('~~') && last) last.push(line.slice(2))
    else paragraphs.push([line.replace(/^~~/, '')])
  }
  return paragraphs.map((lines) => lines.join(' '))
}
