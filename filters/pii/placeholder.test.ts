import { describe, expect, it } from 'vitest'
import { textAt } from '../../src/core/batch.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose, testFilter } from '../../src/testing/filter.ts'
import { pii } from './index.ts'

const numbering = { placeholders: 'numbered', maxRedactedShare: 1 } as const
const outcome = async (...documents: ReturnType<typeof prose>[]) =>
  applyFilter(await pii.create(pii.options.parse(numbering), testContext('/')), documents)
const redact = async (text: string) => (await outcome(prose(text))).texts[0]

testFilter({
  component: pii,
  options: numbering,
  documents: [
    prose('a@corp.com b@corp.com A@corp.com, call +966 50 123 4567, card 4532276644577020'),
    prose('راسل ahmed@mail.com أو sara@mail.com، جوال ٠٥٠١٢٣٤٥٦٧ أو 0501234568'),
    prose('هاتف 0501234567, 0501234568, 0501234569\nserver 45.83.64.1 and 45.83.64.2'),
    prose('nothing', { url: 'https://x.org/?mail=a@corp.com', author: 'b@corp.com' }),
  ],
})

describe('numbered placeholders', () => {
  it('have one number per value and type, from 1 in each document', async () => {
    const { texts, values } = await outcome(
      prose('a@corp.com, b@corp.com, A@Corp.com; هاتف 0501234567 أو ٠٥٠١٢٣٤٥٦٧ أو 0501234568'),
      prose('راسل b@corp.com'),
    )
    expect(texts).toEqual([
      '<EMAIL_1>, <EMAIL_2>, <EMAIL_1>; هاتف <PHONE_1> أو <PHONE_1> أو <PHONE_2>',
      'راسل <EMAIL_1>',
    ])
    expect(values[0]).toMatchObject({ emails: 3, phones: 3 })
  })

  it('are the same in the text and in everything else that is published', async () => {
    const { batch } = await outcome(
      prose('راسل a@corp.com', {
        url: 'https://x.org/?mail=b@corp.com',
        author: 'a@corp.com',
        metadata: { note: 'c@corp.com, b@corp.com', phone: 966501234567 },
      }),
    )
    expect(textAt(batch.text, 0)).toBe('راسل <EMAIL_1>')
    expect(textAt(batch.url, 0)).toBe('https://x.org/?mail=<EMAIL_2>')
    expect(textAt(batch.author, 0)).toBe('<EMAIL_1>')
    expect(JSON.parse(textAt(batch.metadata, 0))).toEqual({
      note: '<EMAIL_3>, <EMAIL_2>',
      phone: '<PHONE_1>',
    })
  })

  it('stay as they are, and new values take the numbers after them', async () => {
    expect(await redact('<EMAIL_1> و <EMAIL_7>، <PHONE>')).toBe('<EMAIL_1> و <EMAIL_7>، <PHONE>')
    expect(await redact('a@corp.com <EMAIL_7> <KEY_9>')).toBe('<EMAIL_8> <EMAIL_7> <KEY_9>')
  })

  it('read as plain ones do for the numbers after them', async () => {
    const list = 'هاتف 0112345678, 0112345679'
    expect(await redact(list)).toBe('هاتف <PHONE_1>, <PHONE_2>')
    expect(await redact('<PHONE_1>, 0112 345 679')).toBe('<PHONE_1>, <PHONE_2>')
    expect(await redact('<IP_ADDRESS_1> 5.15.0.91')).toBe('<IP_ADDRESS_1> <IP_ADDRESS_2>')
  })

  it('are not written unless asked for', async () => {
    const filter = await pii.create(pii.options.parse({}), testContext('/'))
    expect(applyFilter(filter, [prose('write to a@corp.com')]).texts).toEqual(['write to <EMAIL>'])
  })
})
