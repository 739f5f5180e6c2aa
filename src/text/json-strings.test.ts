import { expect, it } from 'vitest'
import { unescapeJson } from './json-strings.ts'

const unescaped = (text: string): Buffer => {
  const row = Buffer.from(`[${JSON.stringify(text)}]`)
  return unescapeJson(row, 2, row.length - 2)
}

it('cuts many texts from few blocks of memory without overlaps', () => {
  const texts = Array.from(
    { length: 2000 },
    (_, number) => `"${number}"\n\tالقمر \\ ${'x'.repeat(number % 300)}`,
  )
  const found = texts.map(unescaped)
  expect(found.map(String)).toEqual(texts)
  expect(new Set(found.map(({ buffer }) => buffer)).size).toBeLessThan(10)
})

it('allocates separate memory for a long text', () => {
  const [short, long] = [unescaped('a\nb'), unescaped('a\n'.repeat(20_000))]
  expect(long.toString()).toBe('a\n'.repeat(20_000))
  expect(long.buffer).not.toBe(short.buffer)
  expect(unescaped('c\n').buffer).toBe(short.buffer)
})
