import type { Document } from '../../src/core/document.ts'
import { makeSite, readWikitext, type Site } from '../../src/text/wikitext/index.ts'
import type { SiteInfo } from './siteinfo.ts'
import { attribute, decodeXml, elementText, findTag } from './xml.ts'

/** Licence of Wikipedia texts. Some are under the GFDL as well. */
const LICENSE = 'CC-BY-SA-4.0'

/** The connector options that decide which pages are kept. */
export interface PageOptions {
  readonly namespaces: readonly number[]
  readonly disambiguation: 'skip' | 'keep'
  readonly stubs: 'skip' | 'keep'
  readonly minCharacters: number
}

/** Result of a page: a document, or the reason why it is skipped. */
type PageResult = { readonly document: Document } | { readonly skipped: string }

/** Turns the XML of one page into a document. */
export type PageReader = (xml: string) => PageResult

const skip = (skipped: string): PageResult => ({ skipped })

/**
 * Returns a reader for the pages of one dump. `info` is what the header of the dump says about the
 * wiki.
 */
export function pageReader(info: SiteInfo, options: PageOptions): PageReader {
  const language = info.language.replace(/[-_].*$/, '').toLowerCase()
  const site = makeSite(language, info.namespaces)
  return (xml) => {
    const revision = xml.lastIndexOf('<revision')
    const head = revision === -1 ? '' : xml.slice(0, revision)
    const title = elementText(head, 'title')
    const key = elementText(head, 'id')?.trim()
    if (!title || !key || !/^\d+$/.test(key)) return skip('malformed-page')
    if (!options.namespaces.includes(Number(elementText(head, 'ns') ?? 0)))
      return skip('other-namespace')
    if (findTag(head, 'redirect')) return skip('redirect')
    return readRevision({
      key,
      title,
      revision: xml.slice(revision),
      info,
      language,
      site,
      options,
    })
  }
}

interface RevisionInput {
  readonly key: string
  readonly title: string
  /** The XML of the page from `<revision` onwards. */
  readonly revision: string
  readonly info: SiteInfo
  readonly language: string
  readonly site: Site
  readonly options: PageOptions
}

/** Wikitext of a redirect, for older dumps that do not mark the page as one. */
const REDIRECT = /^\s*#\s*(?:redirect|تحويل|تغییر[ _]?مسیر|تغيير[ _]?مسير|ڕەوانەکردن)\s*:?\s*\[\[/iu

function readRevision({
  key,
  title,
  revision,
  info,
  language,
  site,
  options,
}: RevisionInput): PageResult {
  const tag = findTag(revision, 'text')
  if (!tag) return skip('malformed-page')
  if (attribute(tag.attributes, 'deleted') !== undefined) return skip('deleted-text')
  const facts = revision.slice(0, tag.start)
  const model = elementText(facts, 'model') ?? elementText(revision, 'model') ?? 'wikitext'
  if (model !== 'wikitext') return skip('not-wikitext')
  const close = tag.empty ? -1 : revision.lastIndexOf('</text>')
  if (!tag.empty && close < tag.end) return skip('malformed-page')
  const source = tag.empty ? '' : decodeXml(revision.slice(tag.end, close))
  if (REDIRECT.test(source)) return skip('redirect')

  const article = readWikitext(source, title, site)
  if (isDisambiguation(title, article.disambiguation) && options.disambiguation === 'skip')
    return skip('disambiguation')
  if (article.stub && options.stubs === 'skip') return skip('stub')
  if (article.text === '') return skip('empty')
  if (article.text.length < options.minCharacters) return skip('too-short')

  const believed = speaks(language, article.text)
  const url = believed && info.articleBase ? info.articleBase + encodeTitle(title) : undefined
  const revised = elementText(facts, 'timestamp')
  return {
    document: {
      key,
      text: article.text,
      kind: 'prose',
      license: LICENSE,
      ...(believed && language ? { lang: language } : {}),
      ...(url ? { url } : {}),
      ...(revised ? { revised } : {}),
      metadata: {
        title,
        ...(believed && info.wiki ? { wiki: info.wiki } : {}),
        ...(/^\d+$/.test(elementText(facts, 'id') ?? '')
          ? { revision: Number(elementText(facts, 'id')) }
          : {}),
        ...(article.categories.length > 0 ? { categories: article.categories } : {}),
        ...(Object.keys(article.infobox).length > 0 ? { infobox: article.infobox } : {}),
        ...(article.stub ? { stub: true } : {}),
      },
    },
  }
}

function isDisambiguation(title: string, marked: boolean): boolean {
  return marked || /\((?:disambiguation|توضيح|ابهام‌زدایی)\)$/.test(title)
}

/** Languages written in Arabic script, by ISO 639 code. */
const ARABIC_SCRIPT = new Set([
  'ar',
  'arz',
  'ary',
  'fa',
  'ckb',
  'ur',
  'ps',
  'azb',
  'pnb',
  'glk',
  'mzn',
  'sd',
  'ug',
  'lrc',
  'ks',
])

/** Number of UTF-16 units at the start of a text from which the script is determined. */
const SAMPLE = 2000

/**
 * Whether a text can belong to the wiki named in the header, judged by its script. Some dumps carry
 * the header of another wiki, which would give every document a wrong language and address.
 */
function speaks(language: string, text: string): boolean {
  let arabic = 0
  let latin = 0
  for (let at = Math.min(text.length, SAMPLE) - 1; at >= 0; at--) {
    const code = text.charCodeAt(at)
    if (code >= 0x620 && code <= 0x6d5) arabic++
    else if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) latin++
  }
  if (ARABIC_SCRIPT.has(language)) return arabic * 4 >= latin
  return arabic < latin * 4 || latin + arabic === 0
}

/** Encodes a title the way MediaWiki does in addresses. */
function encodeTitle(title: string): string {
  const encoded = encodeURIComponent(title.replaceAll(' ', '_').toWellFormed())
  return encoded.replaceAll(/%(?:3A|2F|2C|3B|40|24)/g, (code) => decodeURIComponent(code))
}
