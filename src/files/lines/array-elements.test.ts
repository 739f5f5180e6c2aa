import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrayOpening, splitElements } from './array-elements.ts'
import type { Line, LineOptions } from './lines.ts'

async function* chunksOf(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

/** The elements of a whole array, and the error if reading failed. */
async function split(content: string, size = 7, options: Partial<LineOptions> = {}) {
  const bytes = Buffer.from(content)
  const offset = options.offset ?? arrayOpening(bytes) ?? 0
  const lines: Line[] = []
  let error: unknown
  try {
    const all = { maxLineBytes: 1000, ...options, offset, where: 'file' }
    for await (const group of splitElements(chunksOf(bytes.subarray(offset), size), all))
      lines.push(...group)
  } catch (caught) {
    error = caught
  }
  return { lines, texts: lines.map((line) => line.bytes.toString().trim()), error }
}

describe('arrayOpening', () => {
  it('recognises only an array of objects by its first bytes', () => {
    expect(arrayOpening(Buffer.from('[{"a":1}]'))).toBe(1)
    expect(arrayOpening(Buffer.from('\ufeff \r\n[\n  {'))).toBe(7)
    expect(arrayOpening(Buffer.from('[]'))).toBe(1)
    for (const other of ['{"a":[{}]}', '[1,2]', '["a"]', '', '[', 'x[{']) {
      expect(arrayOpening(Buffer.from(other)), other).toBeUndefined()
    }
  })
})

describe('splitElements', () => {
  it('finds the elements of any array, however it is formatted and chunked', async () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const texts = fc.constantFrom('قمر', 'a"b\\', '],[', '{', 'a,b\n', '\\"')
    const element = fc.dictionary(texts, fc.oneof(value, texts), { maxKeys: 4 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(element, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(undefined, 1, '\t'),
        fc.integer({ min: 1, max: 40 }),
        async (elements, indent, size) => {
          const { texts, error } = await split(JSON.stringify(elements, null, indent), size, {
            maxLineBytes: 1e6,
          })
          expect(error).toBeUndefined()
          expect(texts.map((text) => JSON.parse(text))).toEqual(
            JSON.parse(JSON.stringify(elements)),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('resumes from the cursor of every element', async () => {
    const content = '[{"a":"قمر"},\n {"b":[1,{"c":"]"}]} , {}]'
    const { lines, texts } = await split(content)
    expect(lines.map(({ number, cursor }) => [number, cursor.line, cursor.inArray])).toEqual([
      [1, 2, true],
      [2, 3, true],
      [3, 4, undefined],
    ])
    for (const [index, { cursor }] of lines.entries()) {
      if (!cursor.inArray) continue
      const rest = await split(content, 3, { offset: cursor.byte, firstNumber: cursor.line })
      expect(rest.texts).toEqual(texts.slice(index + 1))
    }
  })

  it('loses only the element with an unclosed string, which may come in two pieces', async () => {
    const flat = '[\n{"id":1,"t":"a"},\n{"id":2,"t":"b},\n{"id":3,"t":"c"},\n{"id":4,"t":"d"}\n]'
    expect((await split(flat)).texts).toEqual([
      '{"id":1,"t":"a"}',
      '{"id":2,"t":"b},',
      '{"id":3,"t":"c"}',
      '{"id":4,"t":"d"}',
    ])
    const pretty = '[\n {\n  "t": "a,\n  "id": 1\n },\n {\n  "t": "b"\n }\n]'
    expect((await split(pretty)).texts).toEqual([
      '{\n  "t": "a,',
      '"id": 1\n }',
      '{\n  "t": "b"\n }',
    ])
  })

  it('reports a file that ends inside the array, after the rest of the last element', async () => {
    const { texts, error } = await split('[{"a":1},{"b":')
    expect(texts).toEqual(['{"a":1}', '{"b":'])
    expect(error).toMatchObject({ code: 'input-corrupt', where: 'file:byte 14' })
  })

  it('cuts an element that is longer than the limit', async () => {
    const { lines } = await split(`[{"a":"${'x'.repeat(100_000)}"},{"b":1}]`, 64)
    expect(lines.map(({ bytes, cut }) => [bytes.length, cut])).toEqual([
      [1002, true],
      [7, false],
    ])
  })

  it('reads lines after the array', async () => {
    const { lines, texts } = await split('[{"a":1},{"b":2}]\n{"c":3}\n{"d":4}')
    expect(texts).toEqual(['{"a":1}', '{"b":2}', '', '{"c":3}', '{"d":4}'])
    expect(lines.at(-1)).toMatchObject({ number: 5, unit: 'line', start: 26 })
  })
})
