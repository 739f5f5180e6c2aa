import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { textAt } from '../../src/core/batch.ts'
import type { Filter } from '../../src/core/filter.ts'
import { CLASS, DEFECT, RANK_SHIFT } from '../../src/kernels/defects/classes.ts'
import { defectScanner } from '../../src/kernels/defects/kernel.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose, testFilter } from '../../src/testing/filter.ts'
import { characterTable } from './classes.ts'
import { normalise } from './index.ts'
import { ALL, type Counts, REPAIRS } from './kinds.ts'
import { repair } from './repair.ts'

let filter: Filter
beforeAll(async () => {
  filter = await normalise.create(normalise.options.parse({}), testContext('/'))
})
const repaired = (text: string) => applyFilter(filter, [prose(text)]).texts[0]
const measured = (text: string) => applyFilter(filter, [prose(text)]).values[0]
const stays = (...texts: string[]) => {
  for (const text of texts) expect(repaired(text)).toBe(text)
}
const latin1 = (text: string) => Buffer.from(text).toString('latin1')

testFilter({
  component: normalise,
  documents: [
    prose('A clean English line.\nAnd another – with “quotes” and café.'),
    prose('نص عربي سليم، فيه «اقتباس» و«آخر» ــ وتشكيلٌ.'),
    prose('ﺍﻟﺴﻼﻡ ﻋﻠﻴﻜﻢ &amp; الـــسلام\r\n\u202bنص\u202c'),
    { kind: 'code', text: 'a = "&amp;"\r\nb = "cafÃ©"' },
  ],
})

describe('misread encodings', () => {
  it('are read back: UTF-8 as Latin-1, as windows-1252 and twice', () => {
    expect(repaired(latin1('السلام عليكم'))).toBe('السلام عليكم')
    expect(repaired(latin1(latin1('Le café était fermé')))).toBe('Le café était fermé')
    expect(repaired('The cafÃ© isnâ€™t â€œopenâ€\u009d')).toBe('The café isn’t “open”')
    expect(repaired('Ø§Ù„Ø³Ù„Ø§Ù… Ø¹Ù„ÙŠÙƒÙ…')).toBe('السلام عليكم')
  })

  it('are read back: UTF-8 as windows-1256 and windows-1251', () => {
    expect(repaired('ط§ظ„ط³ظ„ط§ظ… ط¹ظ„ظٹظƒظ…')).toBe('السلام عليكم')
    expect(repaired('Le cafأ© est fermأ©')).toBe('Le café est fermé')
    expect(repaired('РџСЂРёРІРµС‚, РјРёСЂ')).toBe('Привет, мир')
  })

  it('are read back: windows-1256 as Latin-1 and windows-1252', () => {
    expect(repaired('ÇáÓáÇã Úáíßã æÑÍãÉ Çááå')).toBe('السلام عليكم ورحمة الله')
    expect(repaired('Title: ÃÎÈÇÑ ÇáíæÑæ ãä ãÏÑíÏ')).toBe('Title: أخبار اليورو من مدريد')
  })

  it('are counted, also within a text that is otherwise right', () => {
    expect(repaired('سعر القهوة في CafÃ© هو ٥ ريال')).toBe('سعر القهوة في Café هو ٥ ريال')
    expect(measured('A cafÃ© and a fÃªte')).toMatchObject({ mojibake: 2, composed: 0 })
  })

  it('are told from ordinary text', () => {
    stays(
      'NESTLÉ® et VOCÊ… « ÉTÉ »',
      '“Hâlâ…” dedi. Amanhã»… SÓ…',
      'قال: «خطأ»، ثم شرط؟ ولفظ؛',
      'осы Лиганың Г тобындағы',
      'Італії, в’їзд моряків – РІК ВІН',
      'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞß',
      '¡Sí! ¿Qué? 20 °C ± 5 µm × 3²',
    )
  })

  it('are repaired in source code, which keeps everything else', () => {
    const code = { kind: 'code' as const, text: 'x = "cafÃ© &amp; ﻻ \u200f"\r\n' }
    expect(applyFilter(filter, [code]).texts[0]).toBe('x = "café &amp; ﻻ \u200f"\n')
  })
})

describe('Arabic characters', () => {
  it('in presentation forms become letters; signs stay', () => {
    expect(repaired('ﺍﻟﻤﻜﺘﺒﺔ ﺍﻟﻘﺪﻳﻤﺔ ﻓﻲ ﷲ')).toBe('المكتبة القديمة في الله')
    expect(repaired('ﻻ \ufefbب ﭘ ﻷ')).toBe('لا لاب پ لأ')
    expect(repaired('oﬃce ﬁne')).toBe('office fine')
    stays('محمد ﷺ ﷻ ﷽ ٥ ﷼ ﴿آية﴾')
  })

  it('make the sign of the Hijri year of a heh after a number', () => {
    expect(repaired('سنة ١٧٨ﻫ، و178 ﻫ.')).toBe('سنة ١٧٨هـ، و178 هـ.')
    expect(repaired('١٤٤٥ه\u200d')).toBe('١٤٤٥هـ')
    expect(repaired('ﻫﺬﺍ ١٢ ﻫﺬﺍ')).toBe('هذا ١٢ هذا')
  })

  it('lose ornamental tatweel, not the one that means something', () => {
    expect(repaired('كتـــاب جمـيل، محمّـد')).toBe('كتاب جميل، محمّد')
    expect(repaired('١٤١٩ هــ ـــــــ')).toBe('١٤١٩ هـ ـ')
    stays('١٤١٩هـ', 'الـ20 ولـ«غوغل» وبـ Google', 'محمد ـ رحمه الله ـ', 'شيـٔا')
  })

  it('keep their spelling', () => {
    stays('أحمد إلى آخره، مدرسة علی کتاب ۱۲ ١٢ هذه ى ي ؤ ئ')
  })

  it('are brought to normal form C', () => {
    expect(repaired('ا\u0653مال شّ\u064e')).toBe('آمال ش\u064e\u0651')
    expect(measured('a\nو\u0654\nb\nي\u0654')).toMatchObject({ composed: 2 })
  })
})

describe('invisible characters', () => {
  it('go: controls, direction, soft hyphens, marks of byte order, tags', () => {
    expect(repaired('\ufeffa\u00adb\u200bc\u2060d\u0007e\u007f')).toBe('abcde')
    expect(repaired('\u202bنص\u202c \u200fكلمة\u2067x\u2069\u061c')).toBe('نص كلمةx')
    expect(repaired('hi\u{e0068}\u{e0069} \u001b[31mred\u001b[0m')).toBe('hi red')
    expect(measured('\u200fa\u200e\u00ad')).toMatchObject({ bidiControls: 2, invisible: 1 })
  })

  it('stay where they mean something', () => {
    stays('می\u200cخواهم ۱۲\u200cام', '👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥', 'क्\u200dष क्\u200cष')
    stays('🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', 'a\u00a0b', 'ກ\u200bຂ')
    expect(repaired('می\u200cخواهم\u200c و a\u200db')).toBe('می\u200cخواهم و ab')
  })

  it('make line feeds of other line ends', () => {
    expect(repaired('a\r\nb\rc\u2028d\u2029e\ff')).toBe('a\nb\nc\nd\ne\nf')
    expect(measured('a\r\nb\rc')).toMatchObject({ lineEnds: 2 })
  })
})

describe('entities', () => {
  it('are decoded, also when they are escaped twice', () => {
    expect(repaired('AT&amp;T &eacute;t&#233; &#x62A; 5 &lt; 6')).toBe('AT&T été ت 5 < 6')
    expect(repaired('Fish &amp;amp; chips, caf&amp;eacute;')).toBe('Fish & chips, café')
    expect(repaired('10Î&frac14;s, &EACUTE;t&eacute;')).toBe('10μs, Été')
  })

  it('stay in code, beside markup and where they are spoken of', () => {
    stays(
      'Write `&amp;` here',
      'Text\n\n    if (a &amp;&amp; b)\n',
      '```html\n&nbsp;\n```',
      'The <b>tag</b> and &amp;',
      '&amp;lt;p&amp;gt; shows a paragraph',
      'The entity &nbsp; is a space',
      'An ampersand is "&amp;" there',
      'R&D; &unknown; &c',
    )
    expect(repaired('`&amp;` or &eacute;')).toBe('`&amp;` or é')
  })
})

it('makes a broken copy equal to the clean text, byte for byte, so that either may stay', () => {
  const clean = 'تقع المكتبة القديمة في قلب المدينة، وقد بناها «أحد» التجار & أهله.'
  const copies = [
    'ﺗﻘﻊ ﺍﻟﻤﻜﺘﺒﺔ ﺍﻟﻘﺪﻳﻤﺔ ﻓﻲ ﻗﻠﺐ ﺍﻟﻤﺪﻳﻨﺔ، ﻭﻗﺪ ﺑﻨﺎﻫﺎ «ﺃﺣﺪ» ﺍﻟﺘﺠﺎﺭ & ﺃﻫﻠﻪ.',
    `\u202b${clean.replace('المدينة', 'المـــدينة').replace('&', '&amp;')}\u202c`,
    latin1(clean),
  ]
  expect(copies.map(repaired)).toEqual(copies.map(() => clean))
})

it('leaves out the kinds that are skipped', async () => {
  const some = await normalise.create({ skip: ['entities', 'tatweel'] }, testContext('/'))
  expect(applyFilter(some, [prose('&amp; كتـاب \u200f')]).texts[0]).toBe('&amp; كتـاب ')
})

it('keeps the other columns, and rows between repaired ones', () => {
  const texts = ['clean', 'a\r\nb', 'سليم', '\u200fx', 'end']
  const { batch, texts: results } = applyFilter(
    filter,
    texts.map((text, row) => prose(text, { key: `k${row}\u200f` })),
  )
  expect(results).toEqual(['clean', 'a\nb', 'سليم', 'x', 'end'])
  expect(textAt(batch.id, 1)).toBe('test:k1\u200f')
})

describe('whatever the text', () => {
  const pieces = fc.constantFrom(
    ...['Ã', '©', 'â', '€', '™', 'Ø', '§', 'Ù', '„', '&', 'amp', ';', '#38', 'lt', '<', '`', '\n'],
    ...['ه', 'ـ', '١', ' ', 'ﻫ', 'ﻻ', '\u200c', '\u200d', '\u200b', '\u064e', '\u0651', 'é', '\r'],
    ...[
      '\u0301',
      'Ç',
      'á',
      'ط',
      'Р',
      'С',
      '‚',
      '√',
      '╨',
      '\u0081',
      '\ufffd',
      'a',
      'B',
      '    ',
      '"',
    ],
    ...['👨', '\u{e0067}', '\ud83c\udff4', '\u001b[1m', '\u202b', 'ã', '¡', '?', 'Â', '\u00a0'],
  )
  const texts = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''))

  it('a second pass changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: 'binary', maxLength: 60 })), (text) => {
        const once = repaired(text) ?? ''
        expect(repaired(once)).toBe(once)
      }),
      { numRuns: 3000 },
    )
  })

  it('the scan misses nothing that a repair would change', () => {
    const scanner = defectScanner(characterTable())
    const counts = () => Object.fromEntries(REPAIRS.map((kind) => [kind, 0])) as Counts
    const characters = fc.oneof(
      fc.constantFrom(...' aé1عक가가가\u200c\u200d\u0640\ud804\udc99\ud804\udcba'),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(...marksAndLetters()),
    )
    const composing = fc
      .array(characters, { maxLength: 12 })
      .map((parts) => Buffer.from(parts.join('')).toString())
    const any = fc.oneof(texts, composing, fc.string({ unit: 'binary', maxLength: 60 }))
    fc.assert(
      fc.property(any, (text) => {
        const all = repair(text, false, { scanner, suspected: ALL, allowed: ALL }, counts())
        expect(repaired(text)).toBe(all)
      }),
      { numRuns: 10_000 },
    )
  })

  /** Characters that compose or are combining marks. */
  function marksAndLetters(): string[] {
    const classes = [...characterTable().entries()]
    const related = CLASS.second | CLASS.composes | DEFECT.composed | (0xff << RANK_SHIFT)
    return classes.filter(([, bits]) => bits & related).map(([code]) => String.fromCharCode(code))
  }

  it('time grows with its length only', () => {
    const length = 400_000
    const units = ['a', '1', '(', '👨\u200d', 'ـ', 'a\u0301\u0323', '\u0301', '&amp;', 'amp;', '`']
    for (const unit of [
      ...units,
      '&',
      'Ã©',
      'ÇáÓ ',
      '\u200c',
      'ﻻ',
      '&lt;\n',
      '\u001b[',
      'Ã ',
      '├┤',
    ]) {
      const time = (size: number): number => {
        const text = `&${unit.repeat(size / unit.length)}`
        const start = performance.now()
        repaired(text)
        return performance.now() - start
      }
      time(length / 8)
      expect(time(length), unit).toBeLessThan(16 * Math.max(time(length / 4), 30))
    }
  })
})
