import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterBytes, firstLineStart, type Line, type LineOptions, splitLines } from './lines.ts'

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let start = 0
  for (let index = 0; start < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1
    yield bytes.subarray(start, start + size)
    start += size
  }
}

async function split(
  content: string | Buffer,
  options: Partial<LineOptions> = {},
  sizes = [7],
): Promise<Line[]> {
  const lines: Line[] = []
  const chunks = chunksOf(Buffer.from(content), sizes)
  for await (const group of splitLines(chunks, { maxLineBytes: 1000, ...options }))
    lines.push(...group)
  return lines
}

const texts = (lines: readonly Line[]): string[] => lines.map(({ bytes }) => bytes.toString())

describe('splitLines', () => {
  it('splits into the same lines however the bytes are chunked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'ق', '\r', '\n', '\u2028', ' ') }), {
          maxLength: 20,
        }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        async (parts, sizes) => {
          const content = parts.join('\n')
          const expected = content.split('\n').map((line) => line.replace(/\r$/, ''))
          if (expected.at(-1) === '' && !content.endsWith('\r')) expected.pop()
          expect(texts(await split(content, {}, sizes))).toEqual(expected)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('knows the number and start of each line and where the next one begins', async () => {
    expect(
      (await split('ab\n\r\nقمر')).map(({ start, number, cursor }) => [
        start,
        number,
        cursor.byte,
        cursor.line,
      ]),
    ).toEqual([
      [0, 1, 3, 2],
      [3, 2, 5, 3],
      [5, 3, 11, 4],
    ])
  })

  it('skips a byte order mark at the start of the file only', async () => {
    expect(texts(await split('\ufeffa\n\ufeffb'))).toEqual(['a', '\ufeffb'])
    expect(texts(await split('\ufeffa', { offset: 10 }))).toEqual(['\ufeffa'])
  })

  it('cuts lines that are longer than the limit', async () => {
    const lines = await split(
      `a\n${'x'.repeat(5000)}\nb\n${'y'.repeat(1001)}\r\n${'z'.repeat(1000)}\r\nc`,
      {},
      [64],
    )
    expect(lines.map(({ bytes, cut }) => [bytes.length, cut])).toEqual([
      [1, false],
      [1002, true],
      [1, false],
      [1002, true],
      [1000, false],
      [1, false],
    ])
  })

  it('reads lines that start before the end of the range, each of them completely', async () => {
    expect(texts(await split('aa\nbb\ncc\n', { end: 3 }))).toEqual(['aa'])
    expect(texts(await split('aa\nbb\ncc\n', { end: 4 }))).toEqual(['aa', 'bb'])
  })
})

describe('offsets in a file', () => {
  it('finds the first line that starts after a line feed at or after an offset', async () => {
    const at = (content: string, offset: number) =>
      firstLineStart(chunksOf(Buffer.from(content), [3]), offset)
    expect(await at('\nab', 9)).toBe(10)
    expect(await at('abcdef\ngh', 9)).toBe(16)
    expect(await at('abcdef', 9)).toBe(Number.POSITIVE_INFINITY)
  })

  it('drops leading bytes and reports a file that has become shorter', async () => {
    const rest = async (count: number) => {
      let text = ''
      for await (const chunk of afterBytes(chunksOf(Buffer.from('abcdef'), [4]), count, 'f'))
        text += Buffer.from(chunk)
      return text
    }
    expect(await rest(0)).toBe('abcdef')
    expect(await rest(5)).toBe('f')
    expect(await rest(6)).toBe('')
    await expect(rest(7)).rejects.toMatchObject({ code: 'input-corrupt', where: 'f' })
  })
})
