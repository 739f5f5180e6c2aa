import { expect, it } from 'vitest'
import { textAt, textColumn } from '../core/batch.ts'
import { joinColumns, sliceColumns } from './columns.ts'

it('joins stretches of text and of numbers, empty ones too', () => {
  const part = (names: string[], sizes: number[]) => ({ name: textColumn(names), size: Uint32Array.from(sizes) })
  const joined = joinColumns([part(['a', 'ب'], [1, 2]), part([], []), part(['', 'cd'], [3, 4])])
  const name = joined.name as ReturnType<typeof textColumn>
  expect(Array.from({ length: 4 }, (_, row) => textAt(name, row))).toEqual(['a', 'ب', '', 'cd'])
  expect(joined.size).toEqual(Uint32Array.from([1, 2, 3, 4]))
})

it('takes over a single stretch as it is', () => {
  const only = { size: Float32Array.from([1.5]) }
  expect(joinColumns([only])).toBe(only)
})

it('slices text and numbers', () => {
  const columns = { name: textColumn(['a', 'ب', 'cd']), size: Uint32Array.from([1, 2, 3]) }
  expect(sliceColumns(columns, 1, 3)).toEqual({ name: textColumn(['ب', 'cd']), size: Uint32Array.from([2, 3]) })
})
