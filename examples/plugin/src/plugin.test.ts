import { join } from 'node:path'
import { applyFilter, prose, testConnector, testContext, testFilter } from 'cosmos-etl/testing'
import { expect, it } from 'vitest'
import { diary, monotone } from './index.js'

const folder = join(import.meta.dirname, '..')

testConnector({ component: diary, folder })
testFilter({
  component: monotone,
  documents: [prose('Rain again, and the sea is grey.'), prose('مطر مطر مطر')],
})

it('drops a text of one word, in Arabic as in English', async () => {
  const filter = await monotone.create(monotone.options.parse({}), testContext(folder))
  const texts = [
    'rain rain rain sea',
    'مطر مطر مطر بحر',
    'Rain fell on the sea.',
    'نزل المطر على البحر.',
  ]
  const { verdicts } = applyFilter(
    filter,
    texts.map((text) => prose(text)),
  )
  expect(verdicts).toEqual(['one-word', 'one-word', undefined, undefined])
})
