import { describe, expect, it } from 'vitest'
import { layOutReplies } from './reply-tree.ts'

const reply = (id: string, parent: string, text = id) => ({ id, parent, text })

describe('layOutReplies', () => {
  it('puts replies below their parents in the order given, and orphans at the top', () => {
    const replies = [
      reply('b', 'head'),
      reply('c', 'gone', 'two\n\nlines'),
      reply('d', 'b'),
      reply('e', 'b'),
    ]
    expect(layOutReplies(replies, 9).text).toBe('- b\n\n  - d\n\n  - e\n\n- two\n\n  lines')
  })

  it('cuts replies that are too deep or form a cycle', () => {
    const replies = [
      reply('a', 'head'),
      reply('b', 'a'),
      reply('c', 'b'),
      reply('x', 'y'),
      reply('y', 'x'),
    ]
    const { shown, cut } = layOutReplies(replies, 2)
    expect([shown, cut].map((all) => all.map(({ id }) => id))).toEqual([
      ['a', 'b'],
      ['c', 'x', 'y'],
    ])
  })

  it('takes linear time for long runs of blanks, and keeps those inside a line', () => {
    const blanks = ' '.repeat(500_000)
    expect(layOutReplies([reply('a', '', `x${blanks}y${blanks}\nz `)], 1).text).toBe(
      `- x${blanks}y\n  z`,
    )
  })
})
