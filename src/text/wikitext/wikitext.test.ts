import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSite, readWikitext } from './index.ts'

const folder = join(import.meta.dirname, 'fixtures')
const cases = (await readdir(folder)).filter((file) => file.endsWith('.wikitext')).sort()

const ARABIC_NAMES = [['ملف', 6] as const, ['تصنيف', 14] as const]
const english = makeSite('en', [])
const arabic = makeSite('ar', ARABIC_NAMES)
const siteOf = (file: string) => (file.startsWith('ar') ? arabic : english)
const convert = (source: string, site = english) => readWikitext(source, 'Title', site)

// A case is a pair of files: NAME.wikitext and NAME.txt, the text that a reader should see. `vitest
// -u` writes missing ones.
describe('wikitext to text', () => {
  it('has cases in both languages', () => {
    expect(cases.filter((file) => file.startsWith('ar')).length).toBeGreaterThan(4)
    expect(cases.filter((file) => file.startsWith('en')).length).toBeGreaterThan(4)
  })

  it.each(cases)('%s', async (file) => {
    const source = await readFile(join(folder, file), 'utf8')
    const { text } = convert(source, siteOf(file))
    await expect(`${text}\n`).toMatchFileSnapshot(join(folder, file.replace(/wikitext$/, 'txt')))
  })
})

it('writes the powers of ten of {{convert}} as words', () => {
  expect(convert('{{convert|87|e6acre}} and {{convert|3|e3km2}}').text).toBe(
    '87 million acre and 3 thousand km²',
  )
  expect(convert('مساحتها {{convert|5|e6km2}}', arabic).text).toBe('مساحتها 5 مليون كم²')
})

it('knows the range words of {{convert}}, and no names of built-in JavaScript properties', () => {
  expect(convert('{{convert|5|to|6|km|mi}} and {{convert|5|constructor|6|km}}').text).toBe(
    '5 to 6 km and 5 constructor',
  )
})

describe('the metadata of a page', () => {
  it('collects categories under all namespace names and keeps the first infobox as written', () => {
    const source =
      '{{صندوق معلومات شخص|الاسم = أحمد|صورة=a.jpg|المهنة = {{hlist|عالم|كاتب}}|__proto__=x}} نص [[تصنيف:علماء]] [[Category:Writers]] [[تصنيف:علماء]]'
    const { categories, infobox } = convert(source, arabic)
    expect(categories).toEqual(['علماء', 'Writers'])
    expect(Object.entries(infobox)).toEqual([
      ['الاسم', 'أحمد'],
      ['المهنة', 'عالم، كاتب'],
      ['__proto__', 'x'],
    ])
  })

  it('recognises disambiguation pages and stubs in both languages', () => {
    for (const mark of [
      '{{disambiguation}}',
      '{{Hndis|name=x}}',
      '{{توضيح}}',
      '{{صفحة توضيح}}',
      '__DISAMBIG__',
    ]) {
      expect(convert(`x\n${mark}`), mark).toMatchObject({ disambiguation: true })
    }
    for (const note of ['{{توضيح|أخرى}}', '{{وضح|أخرى}}', '{{about|x}}']) {
      expect(convert(`x\n${note}`), note).toMatchObject({ disambiguation: false })
    }
    for (const mark of ['{{stub}}', '{{Physics-stub}}', '{{بذرة}}', '{{بذرة فلك}}']) {
      expect(convert(`x\n${mark}`), mark).toMatchObject({ stub: true })
    }
  })

  it('knows namespaces from the header in addition to the usual names', () => {
    const site = makeSite('ar', [
      ['ت', 14],
      ['Datei', 6],
    ])
    expect(convert('a [[Datei:x.jpg|thumb|b]] [[ت:c]] [[Image:d.png]] e', site)).toMatchObject({
      text: 'a e',
      categories: ['c'],
    })
  })
})

describe('hostile wikitext', () => {
  const HARD: Readonly<Record<string, string>> = {
    'open templates': '{{a|'.repeat(100_000),
    'nested templates': `${'{{nowrap|'.repeat(100_000)}x${'}}'.repeat(100_000)}`,
    'nested templates used twice': `${'{{convert|'.repeat(100_000)}1${'|km}}'.repeat(100_000)}`,
    'open links': '[[a|'.repeat(100_000),
    'nested links': `${'[[a|'.repeat(100_000)}x${']]'.repeat(100_000)}`,
    'open references': '<ref>'.repeat(100_000),
    'nested references': `${'<ref>'.repeat(100_000)}x${'</ref>'.repeat(100_000)}`,
    'open superscripts with one end': `${'<sup>'.repeat(100_000)}x</sup>`,
    'open tables': '\n{|\n|'.repeat(50_000),
    'nested tables': `${'\n{|\n|-\n| '.repeat(20_000)}x${'\n|}'.repeat(20_000)}`,
    'external links without end': '[http://a '.repeat(50_000),
    'half tags': '<a '.repeat(100_000),
    'comments without end': '<!--'.repeat(100_000),
    'unmatched templates in links': '[[a|{{]]'.repeat(100_000),
    apostrophes: "'".repeat(500_000),
    spaces: ' '.repeat(500_000),
    'brackets around gaps': `${'('.repeat(50_000)}<ref/>${')'.repeat(50_000)}`,
    'open brackets and gaps': '(<ref/>'.repeat(50_000),
    entities: '&amp'.repeat(100_000),
    underscores: '_'.repeat(500_000),
    headings: '='.repeat(500_000),
    'list marks': '*#:;'.repeat(100_000),
    tatweel: 'ـ'.repeat(500_000),
    'table separators': `{|\n${'||'.repeat(200_000)}\n|}`,
    'arguments without end': `{{nowrap${'|a=b'.repeat(100_000)}}}`,
  }

  // Quadratic work on half a million characters would take minutes; the limit only has to
  // distinguish it from linear work.
  it.each(Object.keys(HARD))(
    '%s: takes linear time and does not overflow the stack',
    { timeout: 20_000 },
    (name) => {
      expect(typeof convert(HARD[name]!).text).toBe('string')
    },
  )

  it('never leaks its internal marker characters', () => {
    const pieces = [
      '{{',
      '}}',
      '[[',
      ']]',
      '<ref>',
      '</ref>',
      '<math>',
      '</math>',
      '|',
      '\n',
      '=',
      '(',
      ')',
      'x',
      'س',
      '{|',
      '|}',
      '\n|-',
      "''",
      '<sup>',
      '</sup>',
      ' ',
      '،',
      '\uFDD0',
      '\uFDD1',
      '\uFDD2',
      '<nowiki>',
      '</nowiki>',
      '[http://a ',
      ']',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (chosen) => {
        const { text } = convert(chosen.join(''))
        expect(text).not.toMatch(/[\uFDD0-\uFDD2]/)
        expect(text).toBe(text.trim())
      }),
      { numRuns: 2000, seed: 1 },
    )
  })
})
