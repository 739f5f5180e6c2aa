import { describe, expect, it } from 'vitest'
import { readMessages, renderMessages } from './messages.ts'

describe('readMessages', () => {
  it('converts both notations and all role names to one form and keeps other members', () => {
    expect(
      readMessages([
        { from: 'human', value: 'ما القمر؟', id: 7 },
        { from: 'GPT', value: 'جرم.' },
      ]),
    ).toEqual([
      { id: 7, role: 'user', content: 'ما القمر؟' },
      { role: 'assistant', content: 'جرم.' },
    ])
    expect(
      readMessages([
        { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image' }, { text: 'b' }] },
      ]),
    ).toEqual([{ role: 'user', content: 'a\nb' }])
  })

  it('does not mistake names of built-in JavaScript properties for known roles', () => {
    for (const role of ['constructor', 'toString', '__proto__']) {
      const messages = readMessages([JSON.parse(`{"role":"${role}","content":"hello"}`)])
      expect(renderMessages(messages ?? [])).toBe(`${role.toLowerCase()}:\nhello`)
    }
  })

  it('rejects anything but a conversation', () => {
    for (const value of [
      undefined,
      'text',
      [],
      ['turn'],
      [{ content: 'no role' }],
      [{ role: 'user', content: 5 }],
    ]) {
      expect(readMessages(value)).toBeUndefined()
    }
  })
})
