import { z } from 'zod'
import { isArxivId, isoDate, type Paper, saysWithdrawn } from './paper.ts'

/** The fields that are used of a line of the metadata snapshot. */
const row = z.object({
  id: z.string(),
  title: z.string(),
  abstract: z.string(),
  authors: z.string().nullish(),
  categories: z.string(),
  license: z.string().nullish(),
  comments: z.string().nullish(),
  doi: z.string().nullish(),
  'journal-ref': z.string().nullish(),
  update_date: z.string().nullish(),
  versions: z.array(z.object({ version: z.string(), created: z.string() })).nullish(),
})

/** Reads a line of the metadata snapshot. Returns undefined if it is malformed. */
export function paperOfRow(bytes: Uint8Array): Paper | undefined {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
  } catch {
    return undefined
  }
  const parsed = row.safeParse(value)
  if (!parsed.success || !isArxivId(parsed.data.id)) return undefined
  const { id, title, abstract, authors, categories, license, comments, doi, versions, ...rest } =
    parsed.data
  const latest = versions?.at(-1)
  return {
    id,
    version: versionNumber(latest?.version),
    title,
    abstract,
    authors: authors ?? '',
    categories: categories.split(/\s+/).filter((category) => category !== ''),
    license: license ?? undefined,
    comments: comments ?? undefined,
    doi: doi ?? undefined,
    journal: rest['journal-ref'] ?? undefined,
    created: isoDate(versions?.[0]?.created),
    revised: isoDate(latest?.created) ?? isoDate(rest.update_date ?? undefined),
    isWithdrawn: saysWithdrawn(comments ?? undefined, abstract),
  }
}

/** The number in `v3`; undefined for anything else. */
export function versionNumber(text: string | undefined): number | undefined {
  const match = /^v(\d{1,4})$/.exec(text ?? '')
  return match ? Number(match[1]) : undefined
}
