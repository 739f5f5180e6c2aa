import { beforeAll, describe, expect, it } from 'vitest'
import type { Filter } from '../../src/core/filter.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose, testFilter } from '../../src/testing/filter.ts'
import { quality } from './index.ts'
import { pageScore } from './page-score.ts'
import { statisticsOf } from './statistics.ts'

const ENGLISH = `The first large telescope on the mountain was built with the help of three universities and a private donor.
It has a mirror of four metres, and it was the largest of its kind for about ten years, until others were finished.
Astronomers from many countries have used it to study distant galaxies, and some of their results have become famous.
Today it is mostly used by students, who learn to observe with it before they travel to larger instruments elsewhere.`
const ARABIC = `بُني أول مرصد كبير على الجبل بمساعدة ثلاث جامعات ومتبرع واحد من سكان المدينة القريبة.
قطر مرآته أربعة أمتار، وقد كان أكبر المراصد من نوعه مدة عشر سنوات حتى اكتملت مراصد أخرى في بلدان بعيدة.
استخدمه فلكيون من دول كثيرة في دراسة المجرات البعيدة، وصار بعض ما وصلوا إليه من نتائج مشهورا بين الناس.
هل يعمل المرصد اليوم؟ نعم، فالطلاب يتعلمون فيه الرصد قبل أن يسافروا إلى مراصد أكبر منه.`
const ar = { lang: 'ar' }
const en = { lang: 'en' }
const words = (count: number, word: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => word(i)).join(' ')
const pseudo = (i: number) => `wo${(i * 7919).toString(36)}rd`

let filter: Filter
beforeAll(async () => {
  filter = await quality.create(quality.options.parse({}), testContext('/'))
})
const verdict = (text: string, extra = en) => applyFilter(filter, [prose(text, extra)]).verdicts[0]

testFilter({
  component: quality,
  documents: [
    prose(ENGLISH, en),
    prose(ARABIC, ar),
    prose('short', en),
    { kind: 'code', text: 'x = 1' },
  ],
})

describe('quality', () => {
  it('keeps articles in both languages, vocalised Arabic and Arabic questions among them', () => {
    expect(verdict(ENGLISH)).toBeUndefined()
    expect(verdict(ARABIC, ar)).toBeUndefined()
    const vocalised = ARABIC.replace(/(\p{L})(?=\p{L})/gu, '$1\u064e')
    expect(verdict(vocalised, ar)).toBeUndefined()
    expect(verdict(ARABIC.replace(/[.،]/g, '؟'), ar)).toBeUndefined()
  })

  it.each([
    ['too-few-words', 'Only a few words are here.', 'كلمات قليلة فقط في هذا النص.'],
    [
      'few-letters',
      `${words(60, (i) => `${i}`)} the of and.`,
      `${words(60, (i) => `${i}`)} في من على.`,
    ],
    [
      'word-length',
      words(60, (i) => (i % 3 ? 'a' : 'of')),
      words(60, (i) => `${'مستشفيات'.repeat(2)}${i}`),
    ],
    ['symbols', ENGLISH.replace(/ (?=\w+ \w+ )/g, ' #'), ARABIC.replace(/ /g, ' #')],
    [
      'no-stop-words',
      `${words(60, pseudo)}.`,
      `${words(60, (i) => `كلمة${'ابتثجحخدذر'[i % 10]}${'سشصضطظ'[i % 6]}`)}.`,
    ],
    ['list', ENGLISH.replace(/^/gm, '- '), ARABIC.replace(/^/gm, '- ')],
    ['cut-off-lines', ENGLISH.replace(/\.$/gm, '…'), ARABIC.replace(/\.$/gm, '…')],
    ['duplicate-lines', `${ENGLISH}\n${ENGLISH}`, `${ARABIC}\n${ARABIC}`],
    [
      'short-lines',
      ENGLISH.replace(/ (\w+) /g, ' $1.\n'),
      ARABIC.replace(/ (\S+) (\S+)/g, ' $1\n$2'),
    ],
    [
      'repetition',
      `${ENGLISH} ${words(30, () => 'buy the best lens')}.`,
      `${ARABIC} ${words(40, () => 'أفضل عدسة في')}.`,
    ],
  ])('drops for %s, in English and Arabic', (reason, english, arabic) => {
    expect(verdict(english)).toBe(reason)
    expect(verdict(arabic, ar)).toBe(reason)
  })

  it('drops documents with too many words, but keeps long Arabic books', () => {
    expect(verdict(words(100_001, pseudo))).toBe('too-many-words')
    const text = words(
      100_001,
      (i) => `${i % 8 ? '' : 'في '}${'ابتثجحخد'[i % 8]}ل${'رزسشصضط'[i % 7]}`,
    )
    expect(verdict(text, ar)).not.toBe('too-many-words')
  })

  it('drops English lines that end no sentence, unless they are verse or paragraphs', () => {
    const unended = ENGLISH.replace(/[.,]$/gm, '')
    expect(verdict(unended)).toBe('no-sentences')
    expect(verdict(unended, { lang: '' })).toBe('no-sentences')
    const paragraph = unended.replaceAll('\n', ' ')
    expect(verdict(paragraph)).toBeUndefined()
    expect(verdict(paragraph.replace(/(.{50,60}) /g, '$1\n'))).toBeUndefined()
  })

  it('keeps Arabic without full stops, blessings after names, and dots between half-lines', () => {
    const plain = ARABIC.replace(/[.،؟]/g, '')
    for (const lang of ['ar', 'ar-EG', 'arz', 'ary', 'arb_Arab', ''])
      expect(verdict(plain, { lang }), lang).toBeUndefined()
    expect(verdict(plain, { lang: 'fa' })).toBe('no-sentences')
    expect(verdict(plain.replace(/((?:\S+ ){8})/g, '$1صلى الله عليه وسلم '), ar)).toBeUndefined()
    expect(verdict(plain.replace(/((?:\S+ ){6})/g, '$1... '), ar)).toBeUndefined()
  })

  it('keeps long paragraphs that start with a bullet', () => {
    const starred = (text: string) => `* ${text.replaceAll('\n', ' ')}`
    expect(verdict(starred(ENGLISH))).toBeUndefined()
    expect(verdict(starred(ARABIC), ar)).toBeUndefined()
  })

  it('keeps chapters of traditions that repeat their chains of narrators', () => {
    const chain = `حدثنا محمد بن سالم قال حدثنا خالد بن يزيد عن أبيه قال سمعت شيخا من أهل البصرة يقول
خرجنا في سفر ومعنا رجل صالح فكان إذا نزل منزلا صلى ركعتين ثم جلس يحدثنا عن أخبار من مضى من الناس`
    const told = ['إلى الشام', 'إلى اليمن', 'لزيارة الأهل', 'في طلب العلم']
    const chapter = told.map((where) => `${chain.replace('\n', ' ')} ${where} وقد اشتد الحر`)
    expect(verdict(chapter.join('\n'), ar)).toBeUndefined()
  })

  it('keeps Arabic verse, one hemistich a line, and dialogue of long dashes', () => {
    const verse = `قفا نبك من ذكرى حبيب ومنزل
بسقط اللوى بين الدخول فحومل
فتوضح فالمقراة لم يعف رسمها
لما نسجتها من جنوب وشمأل
ترى بعر الآرام في عرصاتها
وقيعانها كأنه حب فلفل
كأني غداة البين يوم تحملوا
لدى سمرات الحي ناقف حنظل
وقوفا بها صحبي علي مطيهم
يقولون لا تهلك أسى وتجمل
وإن شفائي عبرة مهراقة
فهل عند رسم دارس من معول`
    expect(verdict(verse, ar)).toBeUndefined()
    const dialogue = ARABIC.split(/[\s،]+/)
      .join(' ')
      .replace(/(\S+ \S+ \S+ \S+) /g, '$1؟\n– ')
    expect(verdict(dialogue, ar)).toBeUndefined()
    expect(verdict(dialogue.replace(/؟/g, ''), ar)).toBe('list')
  })

  it('drops menus in Arabic and lists of addresses in English', () => {
    const menu = words(60, (i) => `${['الرئيسية', 'أخبار', 'رياضة'][i % 3]}${i}`)
    expect(verdict(`${menu}\nمن نحن في سطور`, ar)).toBe('few-stop-words')
    const addresses = words(20, (i) => `${i} ${pseudo(i)} Dickson Road, Blackpool\n`)
    expect(verdict(`${addresses}The end of it.`)).toBe('few-stop-words')
  })

  it('drops product pages and link lists as poor pages, in English only', () => {
    const shop = `Sweet Sixteen Cards
Sweet Sixteen Thank You Cards of the Season
My Account
Multiple Colors and Style Options to Choose From.
Our Foldover Notecard, Sweet Affair, features a pair of fashionably dressed legs.
Recommended Items: Candy Bar Wrappers, Return Address Labels, Water Bottle Labels.
Free Shipping within the Continental United States on All Orders.
Add Sweet Affair to Cart. Compare Prices and Read Customer Reviews.`
    expect(verdict(shop)).toBe('poor-page')
    expect(verdict(shop, { lang: '' })).toBe('poor-page')
    expect(verdict(shop, { lang: 'en-GB' })).toBe('poor-page')
    expect(verdict(shop, { lang: 'de' })).toBeUndefined()
    expect(verdict(shop, { lang: 'enm' })).toBeUndefined()
  })

  it('tells reports where its lines are', async () => {
    const terminal = async (options: object) => {
      const { limits } = await quality.create(quality.options.parse(options), testContext('/'))
      return limits?.filter(({ measure }) => measure === 'terminalLines')
    }
    expect(await terminal({})).toEqual([
      { measure: 'terminalLines', side: 'least', at: 0.12, scope: 'English' },
    ])
    const both = await terminal({ arabic: { minTerminalLines: 0.143 } })
    expect(both?.[1]).toEqual({
      measure: 'terminalLines',
      side: 'least',
      at: 0.143,
      scope: 'Arabic',
    })
  })

  it('leaves code and mixed documents alone', () => {
    expect(
      applyFilter(filter, [
        { kind: 'code', text: 'x' },
        { kind: 'mixed', text: 'x' },
      ]).verdicts,
    ).toEqual([undefined, undefined])
  })
})

describe('statistics', () => {
  it('count Arabic stop words with a particle attached and without vowel marks', () => {
    expect(statisticsOf('وفي البيت مِن الناس وبعد').stopWords).toBe(3)
  })

  it('count Arabic stop words of the dialects, and no names', () => {
    expect(statisticsOf('احنا مش عارفين ليه محمد').stopWordShare).toBeCloseTo(3 / 5)
  })

  it('take only words with a letter or digit for words', () => {
    expect(statisticsOf('نعم : ... * 12').wordsWithLetter).toBe(0.5)
  })

  it('score pages by length, stop words, capitals and line ends', () => {
    const article = { words: 500, stopWordShare: 0.18, capitalWords: 0.12, terminalLines: 0.9 }
    expect(pageScore(article)).toBeCloseTo(0.911, 3)
    expect(pageScore({ ...article, words: 5000 })).toBe(pageScore(article))
    for (const worse of [{ words: 60 }, { stopWordShare: 0.08 }, { capitalWords: 0.4 }])
      expect(pageScore({ ...article, ...worse })).toBeLessThan(0.7)
    expect(pageScore({ ...article, terminalLines: 0.1 })).toBeLessThan(pageScore(article))
    const nothing = { words: 0, stopWordShare: 0, capitalWords: 0, terminalLines: 0 }
    expect(pageScore(nothing)).toBeGreaterThan(0)
  })

  it('measure word length without marks, tatweel and surrounding punctuation', () => {
    expect(statisticsOf('«كَتَبَ» كــتب').meanWordLength).toBe(3)
  })

  it('measure the repetition of n-grams relative to Gopher’s limits', () => {
    expect(statisticsOf('a b c d e f g h i j k l')).toMatchObject({
      topNgrams: 0,
      repeatedNgrams: 0,
    })
    // 24 words of one letter: 12 of 24 characters are 5-grams seen before, counted as two whole
    // ones.
    const twice = statisticsOf('a b c d e f g h i j k l a b c d e f g h i j k l')
    expect(twice.repeatedNgrams).toBeCloseTo(10 / 24 / 0.1)
    expect(twice.topNgrams).toBeCloseTo(8 / 24 / 0.16)
  })

  it('are the same for a text that is not UTF-8 and for its repair', () => {
    const broken = Buffer.concat([
      Buffer.from(ENGLISH),
      Buffer.from([0xff, 0xe2, 0x80]),
      Buffer.from(ARABIC),
    ])
    const { values } = applyFilter(filter, [{ kind: 'prose', text: broken }])
    const whole = statisticsOf(broken.toString())
    for (const [name, value] of Object.entries(whole))
      expect(values[0]?.[name], name).toBeCloseTo(value, 5)
  })
})
