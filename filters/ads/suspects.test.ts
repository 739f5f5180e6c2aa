// Lines are judged by their bytes first; no line that the patterns call an advertisement is missed.
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Filter } from '../../src/core/filter.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose } from '../../src/testing/filter.ts'
import { ads } from './index.ts'
import { isAdvertisement } from './line.ts'
import { TRIGGERS } from './lists/triggers.ts'
import { waysToMatch } from './literals.ts'
import { AFFILIATE, NETWORK, ORDER, SHARING, SHORT, STRONG, WHOLE_LINE } from './phrases.ts'

let filter: Filter
beforeAll(async () => {
  filter = await ads.create(ads.options.parse({}), testContext('/'))
})

/** The filter without the byte stage: all patterns run on every line with a trigger. */
function readAsStrings(text: string): string {
  const kept = text.match(/[^\n]*\n|[^\n]+$/g)?.filter((line) => {
    const lower = line.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    const triggered =
      /[#\u{10000}-\u{3ffff}]/u.test(line) || TRIGGERS.some((trigger) => lower.includes(trigger))
    return !(triggered && Buffer.byteLength(line) <= 480 && isAdvertisement(line.trimEnd()))
  })
  return kept?.join('') ?? ''
}

/** Texts that match a pattern. */
function matching({ source }: RegExp): fc.Arbitrary<string> {
  const plain = source
    .replace(/\(\?<?[=!](?:\[[^\]]*\]|[^)])*\)|^\^|\$$/g, '')
    .replaceAll('[^\\s]', '[a-z/.]')
  return fc.stringMatching(new RegExp(`^(?:${plain})$`, 'u'))
}

const phrase = fc.oneof(
  ...[WHOLE_LINE, ...SHORT, ...STRONG, ...ORDER, SHARING, AFFILIATE].map(matching),
)
const network = matching(NETWORK)
const odd = fc.constantFrom(
  ...[
    '\u200f',
    '\u202b',
    '\u00a0',
    '\u064b',
    '\u0640',
    '\u2003',
    '\ufeff',
    '\u3000',
    '\u0670',
    '\u061c',
    'İ',
    '\u212a',
  ],
  ...[
    'ſ',
    '!',
    '*',
    '#',
    '＃',
    '@',
    'é',
    'я',
    '，',
    '…',
    '"',
    '٣',
    '۷',
    '1',
    '12345678',
    '<PHONE>',
    '😀',
    '☎',
    '©',
  ],
  ...[
    'www.a',
    'https://x.y/?aff=1',
    'http://',
    'HTTPS://b.c/d',
    'httpſ://q.r',
    'x',
    '|',
    '> ',
    '==',
    '\t',
    '  ',
  ],
)
const word = fc.constantFrom(
  ...[
    'the',
    'galaxy',
    'مرصد',
    'في',
    'code',
    'now',
    'read',
    'more',
    'share',
    'of',
    'twitter',
    'إعلان',
    'أيضًا',
    '٢٠٢٤',
  ],
)

/** Variants of a phrase as people write it: in capitals, with two blanks, other alefs, or marks. */
const written = fc
  .tuple(
    fc.oneof(phrase, network),
    fc.integer({ min: 0, max: 5 }),
    fc.array(fc.tuple(fc.nat(40), odd), { maxLength: 2 }),
  )
  .map(([text, way, insertions]) => {
    const characters = [...text]
    for (const [at, mark] of insertions) characters.splice(at % (characters.length + 1), 0, mark)
    const marked = characters.join('')
    if (way === 1) return marked.toUpperCase()
    if (way === 2) return marked.replaceAll(' ', '  ')
    if (way === 3) return marked.replaceAll('ا', 'أ').replaceAll('ي', 'ى').replaceAll('ه', 'ة')
    return way === 4 ? marked.replaceAll(' ', '\u00a0') : marked
  })
const separator = fc.constantFrom(' ', ' ', '', ' | ', ', ', '\t', '  ', '، ')
const joined = (piece: fc.Arbitrary<string>, most: number) =>
  fc
    .array(fc.tuple(piece, separator), { minLength: 1, maxLength: most })
    .map((pieces) => pieces.flat().join(''))
const line = fc.oneof(
  joined(fc.oneof(written, word, odd), 3),
  joined(fc.oneof(written, word, odd), 16),
  joined(fc.oneof(network, fc.constantFrom('x', 'share', 'tweet', '#a', '@b', '#', '😀', '✂')), 7),
)

describe('lines read as bytes', () => {
  it('are removed exactly if all patterns over strings would remove them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, fc.constantFrom('', ' #')), { minLength: 1, maxLength: 30 }),
        (lines) => {
          const text = lines.map((parts) => parts.join('')).join('\n')
          expect(applyFilter(filter, [prose(text)]).texts[0]).toBe(readAsStrings(text))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('what a pattern cannot do without', () => {
  it('is the longest stretch of plain strings in each of its branches', () => {
    expect(
      waysToMatch(
        /(?<!\w)(?:free (?:[a-z]+ )?(?:shipping|delivery) (?:on|to)|buy .{1,40} (?:now|today))$/u,
      ),
    ).toEqual([
      {
        literals: ['shipping on', 'shipping to', 'delivery on', 'delivery to'],
        longest: Number.POSITIVE_INFINITY,
      },
      { literals: ['buy '], longest: 50 },
    ])
    expect(waysToMatch(/^like[’']?s \d{2} a?bc\/$/u)).toEqual([
      { literals: ['likes ', 'like’s ', "like's "], longest: 14 },
    ])
  })

  it('is in everything that matches', () => {
    for (const pattern of [WHOLE_LINE, ...SHORT, ...STRONG, ...ORDER, NETWORK, AFFILIATE]) {
      const ways = waysToMatch(pattern)
      fc.assert(
        fc.property(matching(pattern), (text) => {
          expect(
            ways.some(
              ({ literals, longest }) =>
                text.length <= longest && literals.some((part) => text.includes(part)),
            ),
            text,
          ).toBe(true)
        }),
        { numRuns: 60 },
      )
    }
  })

  it('is not derived from unknown syntax', () => {
    expect(() => waysToMatch(/(a)/)).toThrow('a capturing group')
    expect(() => waysToMatch({ source: '(?:a)\\1' } as RegExp)).toThrow('cannot read')
  })
})
