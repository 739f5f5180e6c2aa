/**
 * What the metadata of a paper says, whatever format it came in. Titles and abstracts are TeX as it
 * was submitted.
 */
export interface Paper {
  /** `2401.01234` or `astro-ph/0001001`, without version. */
  readonly id: string
  /** Number of the latest version, where the format says so. */
  readonly version: number | undefined
  readonly title: string
  readonly abstract: string
  readonly authors: string
  /** The first is the primary one. */
  readonly categories: readonly string[]
  /**
   * URL of the licence of the latest version; undefined means arXiv's own, which lets nobody pass
   * the text on.
   */
  readonly license: string | undefined
  readonly comments: string | undefined
  readonly doi: string | undefined
  readonly journal: string | undefined
  /** ISO 8601, of the first version where it is known. */
  readonly created: string | undefined
  /** ISO 8601, of the latest version. */
  readonly revised: string | undefined
  /** The latest version is a withdrawal. */
  readonly isWithdrawn: boolean
}

const IDENTIFIER = /^(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?\/\d{7})$/

/** Whether this is an identifier of arXiv, new or old. */
export const isArxivId = (text: string): boolean => IDENTIFIER.test(text)

/**
 * Whether a category is wanted. `astro-ph*` stands for the archive before 2009 and all its subjects
 * since, `*` for every archive.
 */
export function categoryJudge(
  wanted: readonly string[],
  primaryOnly: boolean,
): (paper: Paper) => boolean {
  const exact = new Set(wanted.filter((name) => !name.endsWith('*')))
  const archives = wanted
    .filter((name) => name.endsWith('*'))
    .map((name) => name.slice(0, -1).replace(/\.$/, ''))
  const isWanted = (category: string): boolean =>
    exact.has(category) ||
    archives.some(
      (archive) => archive === '' || category === archive || category.startsWith(`${archive}.`),
    )
  return ({ categories }) => (primaryOnly ? categories.slice(0, 1) : categories).some(isWanted)
}

const CREATIVE_COMMONS =
  /^https?:\/\/creativecommons\.org\/(licenses|publicdomain)\/([a-z-]+)\/(\d\.\d)\/?$/

/** The SPDX identifier of a licence URL where there is one, otherwise the URL. */
export function licenseName(url: string): string {
  const match = CREATIVE_COMMONS.exec(url.trim())
  if (!match) return url.trim()
  const [, section, name = '', number] = match
  if (section === 'licenses') return `CC-${name.toUpperCase()}-${number}`
  return name === 'zero' ? `CC0-${number}` : `CC-PDDC`
}

const WITHDRAWN =
  /\b(?:paper|article|manuscript|submission|has been|was|is)\s+(?:being\s+)?withdrawn\b/i

/**
 * Whether the author says that the paper is withdrawn: in the comment, or instead of the abstract.
 */
export function saysWithdrawn(comments: string | undefined, abstract: string): boolean {
  return (
    (comments !== undefined && WITHDRAWN.test(comments.slice(0, 500))) ||
    WITHDRAWN.test(abstract.slice(0, 120))
  )
}

/** A date in any form arXiv writes, in ISO 8601; undefined if it is none. Days stay days. */
export function isoDate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace('.000Z', 'Z')
}
