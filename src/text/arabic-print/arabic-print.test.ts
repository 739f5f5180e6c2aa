import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arabicShare, cleanLine, commasFromQuotes, isPersian, mixedNumbers } from './clean.ts'
import { joinLines, type PrintedLine, withoutFurniture } from './paragraphs.ts'
import { judgeTextLayer, visualToLogical } from './text-layer.ts'

describe('cleanLine', () => {
  it('writes presentation forms as letters, and marks without the space that NFKC adds', () => {
    expect(cleanLine('ﺍﻟﺴﻼﻡ ﷺ')).toBe('السلام صلى الله عليه وسلم')
    expect(cleanLine('﷽')).toBe('بسم الله الرحمن الرحيم')
    expect(cleanLine('مد\ufc5eة')).toBe('مدٌّة'.normalize('NFC'))
  })
  it('removes direction controls and tatweel, but not the sign of the Hijri year', () => {
    expect(cleanLine('\u200fســـنة \u202b١٤١٩ هـ\u202c')).toBe('سنة ١٤١٩ هـ')
  })
  it('keeps the spelling: hamza, alef maksura, teh marbuta, vowels', () => {
    expect(cleanLine('إلى مدرسةٍ أُخرى')).toBe('إلى مدرسةٍ أُخرى')
  })
  it('removes marks without a letter and repeated marks', () => {
    expect(cleanLine('ً كتابٌٌ')).toBe('كتابٌ')
  })
  it('replaces Persian letters and digits in Arabic, and keeps them in Persian', () => {
    expect(cleanLine('علی کتابی ۱۹۹۶')).toBe('على كتابي ١٩٩٦')
    expect(cleanLine('کتابی ۱۹۹۶', true)).toBe('کتابی ۱۹۹۶')
    expect(isPersian('پدر و مادر چه گفتند')).toBe(true)
    expect(isPersian('قال الأب والأم')).toBe(false)
  })
  it('replaces Latin punctuation only between Arabic words', () => {
    expect(cleanLine('قال, ثم سكت; هل فهمت?')).toBe('قال، ثم سكت؛ هل فهمت؟')
    expect(cleanLine('one, two; three? 1,5')).toBe('one, two; three? 1,5')
  })
  it('is idempotent', () => {
    const letters = fc.constantFrom(...'ابتةى هـًّ،,؟?«»١2۳یک ﻻﷲ\u200f\u0640. a')
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 30 }), (parts) => {
        const once = cleanLine(parts.join(''))
        expect(cleanLine(once)).toBe(once)
      }),
      { seed: 7, numRuns: 500 },
    )
  })
  it('reads unmatched closing quotation marks as commas', () => {
    expect(commasFromQuotes(['في المجتمع» قال «هذا', 'القول» ثم'])).toEqual([
      'في المجتمع، قال «هذا',
      'القول» ثم',
    ])
  })
  it('measures shares and mixed numbers', () => {
    expect(arabicShare('نص text')).toBeCloseTo(2 / 6)
    expect(mixedNumbers('١595 و ١٩٩٦ و 1996')).toBe(1)
  })
})

describe('judgeTextLayer', () => {
  const sound =
    'كان الرجل في البيت ولم يخرج من الباب إلى السوق لأن المطر كان شديدا في ذلك اليوم البارد'
  const turned = sound
    .split(' ')
    .reverse()
    .map((word) => [...word].reverse().join(''))
  it('trusts running text and recognises lines stored in visual order', () => {
    expect(judgeTextLayer(sound)).toEqual({ order: 'logical' })
    expect(judgeTextLayer(turned.join(' '))).toEqual({ order: 'visual' })
    expect(visualToLogical(turned.join(' '))).toBe(sound)
  })
  it('keeps numbers and Latin runs when it reverses a line, and mirrors brackets', () => {
    expect(visualToLogical('(Paris 1996) يف')).toBe('في (Paris 1996)')
  })
  it('trusts English text', () => {
    expect(
      judgeTextLayer('It was a bright cold day in April and the clocks were striking.'),
    ).toEqual({
      order: 'logical',
    })
  })
  it('distrusts unmapped glyphs, missing text, swapped lam-alef and meaningless letters', () => {
    expect(judgeTextLayer('\ue001\ue002'.repeat(20))).toEqual({ distrusted: 'unmapped-glyphs' })
    expect(judgeTextLayer(' 12 ')).toEqual({ distrusted: 'no-text' })
    const swapped = `${sound} اإلسالم واألرض في اإلنسان واألمة`
    expect(judgeTextLayer(swapped)).toEqual({ distrusted: 'swapped-lam-alef' })
    expect(judgeTextLayer('قطع زكف ثلم '.repeat(30))).toEqual({ distrusted: 'unknown-words' })
  })
})

const line = (text: string, shortfall = 0, indent = 0): PrintedLine => ({ text, shortfall, indent })

describe('withoutFurniture', () => {
  it('removes page numbers and repeated headers, but not lines that occur once', () => {
    const page = (number: string, own: string) => [
      line('كتاب النجوم'),
      line(own),
      line('متن'),
      line(`آخر ${own}`),
      line(`- ${number} -`),
    ]
    const pages = [page('١٢', 'أول'), page('١٣', 'ثان'), page('١٤', 'ثالث')]
    expect(withoutFurniture(pages).map((lines) => lines.map(({ text }) => text))).toEqual([
      ['أول', 'متن', 'آخر أول'],
      ['ثان', 'متن', 'آخر ثان'],
      ['ثالث', 'متن', 'آخر ثالث'],
    ])
    expect(withoutFurniture(pages.slice(0, 2))[0]?.[0]?.text).toBe('كتاب النجوم')
  })
  it('removes lines of a table of contents', () => {
    expect(withoutFurniture([[line('الفصل الأول .......... ٥'), line('نص')]])).toEqual([
      [line('نص')],
    ])
  })
})

describe('joinLines', () => {
  it('joins full lines, even across pages, and ends paragraphs at short ones', () => {
    const pages = [
      [line('عنوان', 0.7), line('كان الرجل'), line('في البيت')],
      [],
      [line('ثم خرج.', 0.1), line('فصل')],
    ]
    const { text, starts } = joinLines(pages)
    expect(text).toBe('عنوان\nكان الرجل في البيت ثم خرج.\nفصل')
    expect(starts).toEqual([0, text.indexOf(' ثم'), text.indexOf('ثم')])
  })
  it('puts footnotes after the last paragraph of their page, and keeps lists in the text', () => {
    const first = [
      line('قال الراصد (١) إن النجم'),
      line('بعيد [٢] جدا لا'),
      line('(١) هو صاحب'),
      line('الزيج.'),
      line('(٢) بالذراع.'),
    ]
    const second = [
      line('يدرك.', 0.5),
      line('فصل', 0.7),
      line('متن'),
      line('(١) بند'),
      line('(٢) بند'),
    ]
    const { text, starts } = joinLines([first, second])
    expect(text.split('\n')).toEqual([
      'قال الراصد (١) إن النجم بعيد [٢] جدا لا يدرك.',
      '(١) هو صاحب الزيج.',
      '(٢) بالذراع.',
      'فصل',
      'متن (١) بند (٢) بند',
    ])
    expect(starts).toEqual([0, text.indexOf('يدرك')])
    expect(joinLines([first]).text.split('\n').at(-1)).toBe('(٢) بالذراع.')
  })
  it('ends a paragraph before an indented line only after a full stop', () => {
    expect(joinLines([[line('انتهى.'), line('بدأ', 0, 0.05)]]).text).toBe('انتهى.\nبدأ')
    expect(joinLines([[line('لم ينته'), line('بعد', 0, 0.05)]]).text).toBe('لم ينته بعد')
  })
})
