import { expect, it } from 'vitest'
import { collect, readItems, testConnector, testContext } from '../../src/testing/index.ts'
import { openiti } from './index.ts'
import { readBook } from './markdown.ts'
import { primaryTexts, readBookName } from './versions.ts'

testConnector({ component: openiti, folder: import.meta.dirname })

async function read(extra: object = {}) {
  const options = openiti.options.parse({ ...openiti.example, ...extra })
  const connector = await openiti.create(options, testContext(import.meta.dirname))
  const items = []
  for (const partition of await collect(connector.partitions()))
    items.push(...(await readItems(connector, partition)))
  return {
    documents: items.flatMap((item) => ('document' in item ? [item.document] : [])),
    skips: items.flatMap((item) => ('skipped' in item ? [`${item.skipped} ${item.where}`] : [])),
  }
}

it('joins lines, keeps headings and verses, removes markup and editors’ sections', async () => {
  const { documents } = await read()
  expect(documents[1]).toEqual({
    key: '1001Rasid.Sama',
    text: [
      '# باب في القمر',
      'القمر أقرب الكواكب إلى الأرض، ومن نظر إليه كل ليلة رآه يتأخر في شروقه.',
      '## فصل في المنازل',
      'قال الراصد: المنازل ثمان وعشرون .',
      'يا ساري الليل * والنجم دليل\nوالصبر جميل * والدرب طويل',
      'رجل رصد السماء',
      'سطر أخير.',
    ].join('\n\n'),
    kind: 'prose',
    lang: 'ar',
    license: 'CC-BY-NC-SA-4.0',
    author: 'الراصد المتخيل',
    metadata: {
      book: '1001Rasid.Sama',
      version: 'Made0001-ara1',
      author_id: '1001Rasid',
      title: 'كتاب السماء',
      subject: 'فلك',
    },
  })
})

it('reads the most edited version of every book and counts the others as skipped', async () => {
  const { documents, skips } = await read()
  expect(documents.map(({ key }) => key)).toEqual(['1001Rasid.Bahr', '1001Rasid.Sama'])
  expect(skips.map((skip) => skip.replace('1001Rasid/1001Rasid.', ''))).toEqual([
    'other-format Bahr.Made0003-ara1.yml',
    'malformed-header Nar.Made0004-ara1',
    'other-version Sama.Made0001-ara1',
    'other-version Sama.Made0002-ara1.inProgress',
  ])
})

it('ranks .completed over .mARkdown over .inProgress over no extension', () => {
  const book = '0255Jahiz.Hayawan.JK000234-ara1'
  const stages = ['', '.inProgress', '.mARkdown', '.completed'].map((stage) => book + stage)
  for (let count = 1; count <= stages.length; count++) {
    expect(primaryTexts(stages.slice(0, count)).get('0255Jahiz.Hayawan')).toBe(stages[count - 1])
  }
  expect(readBookName('README.md')).toBeUndefined()
})

it('keeps English text and words that only look like markup', () => {
  const { text } = readBook(
    '######OpenITI#\n#META#Header#End#\n# Programs write to x@EXAMPLE.org and items12.\n',
  )!
  expect(text).toBe('Programs write to x@EXAMPLE.org and items12.')
})

it('skips files above the size limit', async () => {
  expect((await read({ maxFileBytes: 10 })).skips.join()).toContain(
    'too-large 1001Rasid/1001Rasid.Sama',
  )
})

it('cleans long runs of blanks in linear time', () => {
  const { text } = readBook(
    `######OpenITI#\n#META#Header#End#\n# قال${' '.repeat(500_000)}شيئا PageV01P002\n`,
  )!
  expect(text).toBe('قال شيئا')
})
