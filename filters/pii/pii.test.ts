import { beforeAll, describe, expect, it } from 'vitest'
import { textAt } from '../../src/core/batch.ts'
import type { Document } from '../../src/core/document.ts'
import type { Filter } from '../../src/core/filter.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose, testFilter } from '../../src/testing/filter.ts'
import { pii } from './index.ts'

let filter: Filter
beforeAll(async () => {
  filter = await pii.create(pii.options.parse({}), testContext('/'))
})
const redact = (text: string, extra: Partial<Document> = {}) =>
  applyFilter(filter, [prose(text, extra)]).texts[0]
const kept = (texts: readonly string[]) => {
  for (const text of texts) expect(redact(text)).toBe(text)
}

testFilter({
  component: pii,
  documents: [
    prose(
      'Write to ahmed.ali@gmail.com, call +966 50 123 4567 or 202-555-0134, mobile 041-412-293.',
    ),
    prose('راسلني علىahmed@mail.comاليوم، جوال ٠٥٠١٢٣٤٥٦٧، هوية 1010101010'),
    prose('card 4532276644577020, IBAN SA03 8000 0000 6080 1016 7519, address 58.74.121.78'),
    prose('a@b.com c@d.com e@f.com'),
    { kind: 'code', text: 'const key = "ghp_abcdefghijklmnopqrstuvwxyz0123456789" // bob@corp.io' },
    prose('nothing personal', { url: 'https://x.org/?phone=966501234567', author: 'me@host.net' }),
  ],
})

describe('e-mail addresses', () => {
  it('are found beside Arabic letters, with bidi marks inside, percent-encoded and spelled out', () => {
    expect(redact('على‏ahmed@mail.comاليوم')).toBe('على‏<EMAIL>اليوم')
    expect(redact('sara‏@mail‎.com')).toBe('<EMAIL>')
    expect(redact('?to=sara%40mail.com&x=1')).toBe('?to=<EMAIL>&x=1')
    expect(redact('sara [at] mail [dot] org, tom(at)mail.co.uk')).toBe('<EMAIL>, <EMAIL>')
  })

  it('are kept if they belong to nobody', () => {
    kept([
      'me@example.com',
      'noreply@github.com',
      'git@github.com:owner/repo.git',
      'icon@2x.png',
      'pkg@latest',
      '@user',
    ])
  })
})

describe('dates', () => {
  it('stay, with and without an hour', () => {
    kept([
      '2015-10-27',
      'on 2015/1/7 11:54',
      'iqama 2015-01-17 18:30',
      '2015-01-17 - 12',
      '2015-10-27,2015-10-28',
    ])
  })

  it('do not hide findings near them, or numbers that only look like dates', () => {
    expect(redact('2015-10-27 0501234567')).toBe('2015-10-27 <PHONE>')
    expect(redact('at 2015-01-17 +966501234567')).toBe('at 2015-01-17 <PHONE>')
    expect(redact('رقم الهوية 2015-01-17 09')).toBe('رقم الهوية <NATIONAL_ID>')
  })
})

describe('the rest of a document', () => {
  it('is redacted too: URL, author, and metadata, which stays JSON', () => {
    const { batch, values } = applyFilter(filter, [
      prose('x', {
        url: 'https://x.org/?mail=bob%40corp.com',
        author: 'bob@corp.com',
        metadata: { note: 'line\nbob@corp.com "q"', phone: 966501234567, size: 966501234567 },
      }),
    ])
    expect(textAt(batch.url, 0)).toBe('https://x.org/?mail=<EMAIL>')
    expect(textAt(batch.author, 0)).toBe('<EMAIL>')
    expect(JSON.parse(textAt(batch.metadata, 0))).toEqual({
      note: 'line\n<EMAIL> "q"',
      phone: '<PHONE>',
      size: 966501234567,
    })
    expect(values[0]).toMatchObject({ emails: 3, phones: 1 })
  })

  it('hides nothing behind another finding', () => {
    const metadata = { note: 'NINO of bob@corp.com is AB123456C', noun: 'هاتف 0501234567' }
    const { batch, values } = applyFilter(filter, [prose('x', { metadata })])
    expect(JSON.parse(textAt(batch.metadata, 0))).toEqual({
      note: 'NINO of <EMAIL> is <NATIONAL_ID>',
      noun: 'هاتف <PHONE>',
    })
    expect(values[0]).toMatchObject({ emails: 1, nationalIds: 1, phones: 1 })
  })

  it('includes the id, whose natural key becomes a hash', () => {
    const { batch } = applyFilter(filter, [
      prose('x', { key: 'bob@corp.com/readme' }),
      prose('x', { key: 'readme' }),
    ])
    expect(textAt(batch.id, 0)).toMatch(/^test:redacted-[0-9a-f]{32}$/)
    expect(textAt(batch.id, 1)).toBe('test:readme')
  })
})

it('drops documents that are mostly personal data', () => {
  expect(applyFilter(filter, [prose('a@b.com c@d.com e@f.com')]).verdicts).toEqual([
    'mostly-personal',
  ])
})

it('replaces a number only once if its cluster extends across an e-mail address', () => {
  expect(redact('0500000000 me@mail.com 32.64.96.33 end')).toBe('<PHONE> <EMAIL> <IP_ADDRESS> end')
})
