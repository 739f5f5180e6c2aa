import type { Context } from '../../src/core/component.ts'
import { EtlError } from '../../src/core/errors.ts'
import { type Range, readChunks } from './chunks.ts'
import { attribute, elementText, findTag } from './xml.ts'

/** The header of a dump: which wiki it comes from. */
export interface SiteInfo {
  /** Database name: `arwiki`. */
  readonly wiki: string
  /** BCP 47 tag from `xml:lang`; empty if missing. */
  readonly language: string
  /** Base of article addresses, with the final `/`; empty if unknown. */
  readonly articleBase: string
  /** Names and aliases of namespaces with their numbers. */
  readonly namespaces: readonly (readonly [name: string, id: number])[]
}

/** Upper bound for the size of the header, in bytes. */
const MAX_HEADER_BYTES = 4 << 20

/**
 * Reads the header of a dump file. Throws `input-unsupported` if it does not start with
 * `<mediawiki>`.
 */
export async function readSiteInfo(context: Context, range: Range): Promise<SiteInfo> {
  const parts: Uint8Array[] = []
  let size = 0
  let header = ''
  for await (const chunk of readChunks(context, { ...range, start: 0 })) {
    if (!('bytes' in chunk)) break
    parts.push(chunk.bytes.slice(0, MAX_HEADER_BYTES))
    size += chunk.bytes.length
    header = Buffer.concat(parts).toString('utf8')
    if (/<\/siteinfo>|<page[\s>]/.test(header) || size > MAX_HEADER_BYTES) break
  }
  const root = findTag(header, 'mediawiki')
  if (!root) {
    throw new EtlError('input-unsupported', {
      where: range.label,
      what: 'this is not a MediaWiki dump: it does not start with <mediawiki>',
      hint:
        'Use a file named like arwiki-20261101-pages-articles-multistream.xml.bz2, ' +
        'compressed or not.',
    })
  }
  const end = header.indexOf('</siteinfo>')
  return parseSiteInfo(
    end === -1 ? '' : header.slice(0, end),
    attribute(root.attributes, 'xml:lang') ?? '',
  )
}

function parseSiteInfo(header: string, language: string): SiteInfo {
  const namespaces: [string, number][] = []
  for (const element of ['namespace', 'namespacealias', 'alias']) {
    for (let tag = findTag(header, element); tag; tag = findTag(header, element, tag.end)) {
      const id = Number(attribute(tag.attributes, 'key') ?? attribute(tag.attributes, 'id'))
      const name = tag.empty ? '' : elementText(header, element, tag.start)
      if (name && Number.isInteger(id)) namespaces.push([name, id])
    }
  }
  const base = elementText(header, 'base') ?? ''
  return {
    wiki: elementText(header, 'dbname') ?? '',
    language,
    articleBase: /^https?:\/\//.test(base) ? base.slice(0, base.lastIndexOf('/') + 1) : '',
    namespaces,
  }
}
