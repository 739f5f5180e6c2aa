import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernelMemory } from '../memory/module.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { placedProse } from './kernel.ts'
import { PROSE_GROWTH, proseReference, spellings } from './reference.ts'

const encoder = new TextEncoder()
const prose = (text: string): string =>
  new TextDecoder().decode(proseReference(encoder.encode(text)))

function proseByKernel(text: Uint8Array): Uint8Array {
  const memory = kernelMemory()
  const plain = placedProse()
  return memory.scope(() => {
    const at = memory.lend(Buffer.concat([Buffer.from('x '), text, Buffer.from('`$')])) + 2
    const copy = plain(at, at + text.length)
    return memory.bytes.slice(copy.start, copy.end)
  })
}

const expectTwins = (text: Uint8Array): void => {
  const [kernel, reference] = [proseByKernel(text), proseReference(text)]
  if (Buffer.compare(kernel, reference) !== 0) {
    expect(Buffer.from(kernel).toString('latin1')).toBe(Buffer.from(reference).toString('latin1'))
  }
}

describe('the plain copy of a text', () => {
  it.each([
    ['collapses white space of all kinds to one line', ' a\n\n\tb\u00a0\u2003 c \u2028', 'a b c'],
    [
      'leaves out fenced code',
      'before\n```js\nlet x = `1`\n```\nafter\n~~~~\n~~~\ncode\n~~~~\nend',
      'before after end',
    ],
    ['leaves out a fence that is never closed, to the end', 'before\n```\ncode', 'before'],
    ['treats three backticks inside a line as inline code', '```a``` b', 'b'],
    [
      'leaves out inline code, even with backticks inside',
      'call `f(x)` or ``a`b`` now',
      'call or now',
    ],
    ['keeps the text after a backtick that is never closed', 'a `b\nc', 'a b c'],
    [
      'leaves out maths',
      'so $x^2$ and $$\n\\int y\n$$ and \\(z\\) and \\[w\\] hold',
      'so and and and hold',
    ],
    ['keeps the text between amounts of money', 'from $5 to $10 a day', 'from to a day'],
    ['leaves out commands', '\\section{Galaxies} \\alpha', 'Galaxies'],
    ['leaves out tags and placeholders', '<p>mail <EMAIL> or</p><!-- x --> 1 < 2 > 0', 'mail or'],
    [
      'leaves out URLs up to their end',
      'see https://a.b/c?d=e, (http://x.y) [t](WWW.z.org) end',
      'see t end',
    ],
    [
      'keeps words that only look like URLs',
      'nohttp://x awww.b http: www',
      'nohttp x awww b http www',
    ],
    ['removes Arabic marks, tatweel and bidi controls', '\u200fكِتَـــٰبٌ\u200e ٱلنُّور', 'كتب النور'],
    ['turns presentation forms into letters', 'ﻛﺘﺎﺏ ﷲ ﻻ', 'كتاب الله لا'],
    ['keeps the zero-width non-joiner of Persian spelling', 'می\u200cشود', 'می\u200cشود'],
    [
      'leaves out digits and signs, keeps apostrophes',
      "It's 50 % (3.5 km), isn't it?",
      "It's km isn't it",
    ],
    ['lowers text that is mostly in capitals', 'THE UNIVERSE. ÉTÉ', 'the universe été'],
    ['keeps capitals among small letters', 'NASA sent a probe', 'NASA sent a probe'],
  ])('%s', (_, text, expected) => {
    expect(prose(text)).toBe(expected)
    expect(Buffer.from(proseByKernel(encoder.encode(text))).toString()).toBe(expected)
  })

  it('never grows by more than PROSE_GROWTH', () => {
    for (const [point, plain] of spellings().entries()) {
      const before = Buffer.byteLength(String.fromCodePoint(point))
      expect(Buffer.byteLength(plain ?? '')).toBeLessThanOrEqual(before * PROSE_GROWTH)
    }
  })

  it('has a kernel that agrees with the reference on real text', () => {
    for (const text of realTexts()) expectTwins(text)
  })

  it('has a kernel that agrees with the reference on hard bytes', () => {
    for (const text of hardBytes()) expectTwins(text)
  })

  it('has a kernel that agrees with the reference on combinations its rules look for', () => {
    const pieces = [
      '`',
      '``',
      '```',
      '~~~',
      '$',
      '$$',
      '\\',
      '\\(',
      '\\)',
      '<',
      '>',
      '<a',
      '</',
      'http',
      'https',
      '://',
      'www',
      '.',
    ]
    const more = [
      '\n',
      ' ',
      '  ',
      '\t',
      'a',
      'Z',
      '1',
      'ـ',
      'َ',
      'ﷺ',
      'ﻻ',
      'ك',
      'ۖ',
      '\u0610',
      '؛',
      'ٱ',
      'é',
      'É',
      '漢',
      '😀',
      '\u00a0',
      '\u200f',
      ...[
        '\u00ad',
        '\u08cb',
        '\u1680',
        '\u2028',
        '\u3000',
        '\ufeff',
        '“',
        'か',
        'ก',
        'ﬁ',
        'д',
        '~',
        ':',
        '://',
      ],
    ]
    const broken = [
      [0xd9],
      [0xd8],
      [0xdb],
      [0x80],
      [0xe2, 0x80],
      [0xef],
      [0xf0, 0x9f],
      [0xc3],
      [0x00],
      [0x7f],
      [0xc0],
      [0xe0],
      [0x8b],
      [0xa0],
    ]
    const piece = fc.constantFrom(
      ...[...pieces, ...more].map((text) => Buffer.from(text)),
      ...broken.map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (parts) => expectTwins(Buffer.concat(parts))),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectTwins), { numRuns: 500 })
  })

  it('takes linear time on spans that are never closed', () => {
    const text = encoder.encode('$x <a ` \\( $$ `` '.repeat(60_000))
    expectTwins(text)
  })
})
