/**
 * The metadata of a paper, in whichever format it was read. Titles and abstracts are TeX as
 * submitted.
 */
export interface Paper {
  /** `2401.01234` or `astro-ph/0001001`, without the version. */
  readonly id: string
  /** Number of the latest version; undefined if the format does not state it. */
  readonly version: number | undefined
  readonly title: string
  readonly abstract: string
  readonly authors: string
  /** The first category is the primary one. */
  readonly categories: readonly string[]
  /**
   * URL of the licence of the latest version. Undefined means arXiv’s own licence, which allows
   * nobody to redistribute the text.
   */
  readonly license: string | undefined
  readonly comments: string | undefined
  readonly doi: string | undefined
  readonly journal: string | undefined
  /** Date of the first version, if known, in ISO 8601. */
  readonly created: string | undefined
  /** Date of the latest version in ISO 8601. */
  readonly revised: string | undefined
  /** Whether the latest version is a withdrawal. */
  readonly isWithdrawn: boolean
}

const IDENTIFIER = /^(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?\/\d{7})$/

/** Whether a text is an arXiv identifier, in the new or the old form. */
export const isArxivId = (text: string): boolean => IDENTIFIER.test(text)

/**
 * Returns a function that tells whether a paper is in one of the wanted categories. `astro-ph*`
 * covers the archive as it was before 2009 and all its subjects since; `*` covers every archive.
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

/** The SPDX identifier of a licence URL if it has one, otherwise the URL. */
export function licenseName(url: string): string {
  const match = CREATIVE_COMMONS.exec(url.trim())
  if (!match) return url.trim()
  const [, section, name = '', number] = match
  if (section === 'licenses') return `CC-${name.toUpperCase()}-${number}`
  return name === 'zero' ? `CC0-${number}` : `CC-PDDC`
}

const WITHDRAWN =
  /\b(?:paper|article|manuscript|submission|has been|was|is)\s+(?:being\s+)?withdrawn\b/i

/** Whether the author declares the paper withdrawn, in the comment or in place of the abstract. */
export function saysWithdrawn(comments: string | undefined, abstract: string): boolean {
  return (
    (comments !== undefined && WITHDRAWN.test(comments.slice(0, 500))) ||
    WITHDRAWN.test(abstract.slice(0, 120))
  )
}

/**
 * Converts a date in any form that arXiv uses to ISO 8601. Returns undefined if it is not a date.
 * Dates without a time stay without one.
 */
export function isoDate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace('.000Z', 'Z')
}
