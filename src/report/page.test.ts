import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { renderReport } from './page.ts'
import { ARABIC, HOSTILE, SAMPLE_REPORT } from './testing/sample-report.ts'

const page = renderReport(SAMPLE_REPORT)
const $ = load(page)
/** Texts of the matching elements, with white space collapsed as in a browser. */
const textOf = (selector: string): string[] =>
  $(selector)
    .toArray()
    .map((element) => $(element).text().replace(/\s+/g, ' ').trim())

const KNOWN_ELEMENTS =
  'html head meta title style body header h1 p dl div dt dd main section h2 h3 h4 ul li ol code table thead tbody tr th td a i b br svg rect line text details summary span figure figcaption blockquote footer'
const KNOWN_ATTRIBUTES =
  'lang charset http-equiv content name class id href scope open role aria-label dir viewBox preserveAspectRatio x y x1 x2 y1 y2 width height text-anchor'

describe('text from documents', () => {
  it('is never interpreted: an HTML parser finds only the page’s own elements and attributes', () => {
    const elements = new Set<string>()
    const attributes = new Set<string>()
    for (const element of $('*').toArray()) {
      if (!('attribs' in element)) continue
      elements.add(element.name)
      for (const name of Object.keys(element.attribs)) attributes.add(name)
    }
    expect(elements.size).toBeGreaterThan(30)
    expect([...elements].filter((name) => !KNOWN_ELEMENTS.split(' ').includes(name))).toEqual([])
    expect([...attributes].filter((name) => !KNOWN_ATTRIBUTES.split(' ').includes(name))).toEqual(
      [],
    )
    expect($('style')).toHaveLength(1)
    expect($('script, img, iframe, link, object')).toHaveLength(0)
  })

  it('appears letter by letter wherever it is shown', () => {
    const shown = [
      $('header p').text(),
      $('.alarms li').first().text(),
      $('.warning').text(),
      $('blockquote').first().text(),
      $('figcaption code').first().text(),
      $('figcaption').text(),
      $('td code').text(),
      $('section table').text(),
    ]
    for (const text of shown) expect(text).toContain(HOSTILE)
  })

  it('cannot become a link; every link stays on the page', () => {
    const targets = $('a')
      .toArray()
      .map((element) => $(element).attr('href') ?? '')
    expect(targets).toEqual(['#source-web', '#source-empty'])
    for (const target of targets) expect($(target)).toHaveLength(1)
  })

  it('has its control characters and broken surrogates replaced', () => {
    const text = renderReport({ ...SAMPLE_REPORT, description: 'a\u0000b\u001b[31m\ud800c' })
    expect(text).toContain('a\ufffdb\ufffd[31m\ufffdc')
  })
})

describe('the page', () => {
  it('needs no network and runs no script', () => {
    expect($('meta[http-equiv="Content-Security-Policy"]').attr('content')).toContain(
      "default-src 'none'",
    )
    expect($('style').text()).not.toMatch(/url\(|@import/)
    expect($('[src], [srcset], [action], [style]')).toHaveLength(0)
  })

  it('shows Arabic from right to left, English from left to right, and detects the rest', () => {
    const quotes = $('.source > figure > blockquote')
      .toArray()
      .map((element) => $(element).attr())
    expect(quotes).toEqual([
      { dir: 'ltr', lang: 'en' },
      { dir: 'rtl', lang: 'ar' },
      { dir: 'auto', lang: '' },
    ])
    expect($('blockquote[dir="rtl"]').text()).toBe(ARABIC)
    expect($('style').text()).toMatch(/blockquote \{[^}]*unicode-bidi: isolate/)
  })

  it('accounts for every item of a source: items read minus those removed are published', () => {
    const [source] = SAMPLE_REPORT.sources
    expect(textOf('#source-web .funnel li')).toEqual([
      'read120',
      'skipped−4116 left',
      'engine−1115 left',
      'pii−0115 left',
      'langid−10105 left',
      'minhash−5100 left',
    ])
    expect(source?.published.train.items).toBe(92)
    expect(textOf('.tiles dd').slice(0, 3)).toEqual(['120', '100', '83 %'])
  })

  it('draws one column per bin, higher for more documents, with the counts as text', () => {
    const columns = $('svg.histogram rect').toArray()
    expect(columns).toHaveLength(20)
    const heights = columns.map((column) => Number($(column).attr('height')))
    expect(heights[19]).toBe(Math.max(...heights))
    expect(heights[0]).toBe(0)
    expect($(columns[19]).text()).toBe('0.95 to 1: 100')
    expect($('svg.bar').first().attr('aria-label')).toContain('published 100')
    const [source, empty] = SAMPLE_REPORT.sources
    const measures = source?.measures.map((measure) => ({ ...measure, max: 20, end: 10 })) ?? []
    const wide = { ...SAMPLE_REPORT, sources: [{ ...source, measures }, empty] }
    const last = load(renderReport(wide as typeof SAMPLE_REPORT))('svg.histogram rect').eq(19)
    expect(last.text()).toBe('9.5 and more: 100')
  })

  it('draws a line at each limit of a measure, those beyond the end at the end', () => {
    const lines = $('svg.histogram .limit').toArray()
    expect(lines.map((line) => $(line).attr('x1'))).toEqual(['182', '280'])
    expect($(lines[0]).text()).toBe(`${HOSTILE}: at least 0.65`)
    expect(textOf('.chart figcaption')[0]).toMatch(/: at least 0\.65; at most 2\.$/)
  })

  it('shows alarms, and one for a run that is not deterministic', () => {
    expect(textOf('.alarms code')).toEqual(['large-component', 'not-deterministic'])
    const calm = renderReport({ ...SAMPLE_REPORT, alarms: [], deterministic: true })
    expect(load(calm)('.alarms')).toHaveLength(0)
  })

  it('shows contamination only if benchmarks were protected', () => {
    expect(textOf('.contamination tbody tr').at(-1)).toBe('python90040.4 %1 %')
    expect($('.contamination th').text()).toContain(HOSTILE)
    const { contamination, ...without } = SAMPLE_REPORT
    expect(contamination).toBeDefined()
    expect(load(renderReport(without))('.contamination')).toHaveLength(0)
  })

  it('is deterministic', () => {
    expect(renderReport(SAMPLE_REPORT)).toBe(page)
  })
})
