import { describe, expect, it } from 'vitest'
import type { Document, DocumentKind } from '../../src/core/document.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, testFilter } from '../../src/testing/filter.ts'
import { langid } from './index.ts'

const ENGLISH =
  'The light of distant galaxies is stretched on its way to us, and this is how the expansion of space was found.'
const ARABIC =
  'يتمدد ضوء المجرات البعيدة في طريقه إلينا، وهكذا عرف علماء الفلك أن الكون يتسع منذ بدايته قبل مليارات السنين.'

const doc = (text: string, kind: DocumentKind = 'prose', lang = ''): Document => ({
  text,
  kind,
  ...(lang && { lang }),
})

async function judge(document: Document, options: object = {}): Promise<Record<string, unknown>> {
  const filter = await langid.create(langid.options.parse(options), testContext('/'))
  const { verdicts, values, batch } = applyFilter(filter, [document])
  return {
    verdict: verdicts[0],
    ...(values[0] as Record<string, number | string>),
    lang: batch.lang[0],
    langScore: batch.langScore[0],
  }
}

/** Kept as Arabic; most of them score far lower without normalisation. */
const KEPT_ARABIC: [string, string][] = [
  ['modern standard Arabic', ARABIC],
  [
    'Gulf Arabic',
    'شلونكم يا جماعة، اليوم رحنا البر ويا الربع وشفنا السما صافية والنجوم واضحة، وايد حلو المكان وما ودنا نرجع البيت.',
  ],
  [
    'Levantine Arabic',
    'مبارح بالليل طلعنا عالسطح نتفرج عالقمر، كان كتير حلو وقريب، وقعدنا نحكي عن النجوم لحد ما صار الصبح وما حدا نام.',
  ],
  [
    'Egyptian Arabic',
    'امبارح بالليل طلعنا فوق السطوح عشان نتفرج على القمر، كان شكله حلو قوي وقعدنا نتكلم عن النجوم لحد الصبح ومحدش نام.',
  ],
  [
    'Moroccan Arabic',
    'البارح فالليل طلعنا للسطح باش نشوفو القمر، كان زوين بزاف وبقينا كنهضرو على النجوم حتى لصباح وحتى واحد ما نعس.',
  ],
  [
    'fully vocalised Arabic',
    'يَتَمَدَّدُ ضَوْءُ الْمَجَرَّاتِ الْبَعِيدَةِ فِي طَرِيقِهِ إِلَيْنَا، وَهَكَذَا عَرَفَ عُلَمَاءُ الْفَلَكِ أَنَّ الْكَوْنَ يَتَّسِعُ.',
  ],
  [
    'Qur’anic spelling',
    'ٱلْحَمْدُ لِلَّهِ رَبِّ ٱلْعَـٰلَمِينَ ٱلرَّحْمَـٰنِ ٱلرَّحِيمِ مَـٰلِكِ يَوْمِ ٱلدِّينِ إِيَّاكَ نَعْبُدُ وَإِيَّاكَ نَسْتَعِينُ ٱهْدِنَا ٱلصِّرَٰطَ ٱلْمُسْتَقِيمَ',
  ],
  [
    'presentation forms',
    'ﻳﺘﻤﺪﺩ ﺿﻮﺀ ﺍﻟﻤﺠﺮﺍﺕ ﺍﻟﺒﻌﻴﺪﺓ ﻓﻲ ﻃﺮﻳﻘﻪ ﺇﻟﻴﻨﺎ، ﻭﻫﻜﺬﺍ ﻋﺮﻑ ﻋﻠﻤﺎﺀ ﺍﻟﻔﻠﻚ ﺃﻥ ﺍﻟﻜﻮﻥ ﻳﺘﺴﻊ ﻣﻨﺬ ﺑﺪﺍﻳﺘﻪ',
  ],
  [
    'words stretched with tatweel',
    'يتمـــــدد ضـــــوء المجـــــرات البعيـــــدة في طريقـــه إلينـــا، وهكـــذا عـــرف علمـــاء الفلـــك أن الكـــون يتســـع',
  ],
  [
    'an Arabic question with code',
    `كيف أقرأ ملفا سطرا سطرا في هذه اللغة دون أن أحمله كله في الذاكرة؟ جربت ما يلي:\n\n\`\`\`js\nconst lines = createInterface({ input: createReadStream(path) })\nfor await (const line of lines) console.log(line)\nprocess.exit(0)\n\`\`\`\n\nلكن البرنامج يتوقف مع \`ERR_STREAM_PREMATURE_CLOSE\` فما السبب؟`,
  ],
  [
    'Arabic typed with Persian yeh and kaf',
    'اعلنت الوزارە عن نتائج الامتحان الوزاری لهذە السنة وقالت ان نسبة النجاح کانت اعلی من العام الماضی فی کل المدارس.'.replaceAll(
      'ە',
      'ة',
    ),
  ],
  [
    'Iraqi Arabic with gaf and cheh',
    'شلونكم اليوم؟ گاعد أحچي وياكم عن السفرة اللي رحناها، وچان الجو حلو والناس هواية، وگلنا لازم نرجع مرة ثانية.',
  ],
  [
    'names with letters of other languages',
    'وصل القطار إلى بنڤردان بعد الظهر، ثم عبر المسافرون الحدود إلى إسپانيا عن طريق البحر، وكان ذلك في أول الشهر.',
  ],
  [
    'Arabic with English terms in brackets',
    `${ARABIC} ويسمى هذا (Cosmological Redshift) أو (Hubble Flow) في كتب (NASA) و(ESA).`,
  ],
  [
    'Arabic with many URLs',
    'شرح مبسط لتوسع الكون مع روابط https://example.org/wiki/Expansion_of_the_universe ثم https://example.org/wiki/Hubble_constant وأيضا www.example.com/articles/cosmic-background-radiation?lang=en وكذلك https://example.net/papers/2021/dark-energy.pdf',
  ],
  [
    'Arabic with English names and terms',
    `${ARABIC} ويسمى هذا الانزياح نحو الأحمر redshift وقد قاسه Edwin Hubble في مرصد Mount Wilson Observatory سنة 1929.`,
  ],
]

const KEPT_ENGLISH: [string, string][] = [
  ['English prose', ENGLISH],
  ['English in capitals', ENGLISH.toUpperCase()],
  [
    'English with maths',
    'The field equation $R_{\\mu\\nu} - \\frac{1}{2} R g_{\\mu\\nu} = 8 \\pi G T_{\\mu\\nu}$ says how the curvature of space and time follows from the matter and the energy that are inside it.',
  ],
]

const DROPPED: [string, string, string][] = [
  [
    'Malay in Jawi script',
    'arabic-script-neighbour',
    'بولن ترڠ دلاڠيت مالم اين دان بينتڠ٢ ممنچر چهاي يڠ اينده دأتس لاءوت يڠ تنڠ، سدڠکن اڠين ڤاڠي ممباوا باءو بوڠا دري تامن.',
  ],
  [
    'Persian',
    'other-language',
    'نور کهکشان‌های دور در راه خود به سوی ما کشیده می‌شود و این‌گونه اخترشناسان پی بردند که جهان از آغاز خود گسترش می‌یابد.',
  ],
  [
    'Urdu',
    'other-language',
    'دور دراز کہکشاؤں کی روشنی ہم تک آتے ہوئے پھیل جاتی ہے اور اسی سے ماہرین فلکیات نے جانا کہ کائنات پھیل رہی ہے۔',
  ],
  [
    'Sorani Kurdish',
    'other-language',
    'ڕووناکی گەلەئەستێرە دوورەکان لە ڕێگای خۆیدا بۆ ئێمە درێژ دەبێتەوە و بەم شێوەیە زانایان زانییان گەردوون فراوان دەبێت.',
  ],
  [
    'Pashto',
    'other-language',
    'د لرې کهکشانونو رڼا زموږ په لور په لاره کې غځېږي او همدا ډول ستورپوهانو وموندله چې کاینات پراخېږي او لا هم لویېږي.',
  ],
  [
    'French',
    'other-language',
    'La lumière des galaxies lointaines est étirée pendant son voyage vers nous, et c’est ainsi que l’expansion a été découverte.',
  ],
  [
    'Arabic and French in one document',
    'other-language',
    `${ARABIC} La lumière des galaxies lointaines est étirée pendant son voyage vers nous, et c’est ainsi que l’expansion a été découverte.`,
  ],
  [
    'Arabic in Latin letters (Arabizi)',
    'other-language',
    'ana kont fe el beit emba7 w sheft el match ma3a as7aby w ba3dein rege3na kolena 3ala el ahwa neshrab 7aga sa23a',
  ],
  [
    'a Berber text in Arabic script',
    'other-language',
    'تامازيرت ن إمزوارن غ أوسان ن تمغرا ي إرگازن ن إگرامن غ تسوقت ن واسيف '.repeat(12),
  ],
  [
    'names of sports clubs',
    'too-short-to-identify',
    'Rovers Rangers United Albion Wanderers Athletic',
  ],
  ['Tifinagh', 'other-language', 'ⵜⴰⵎⴰⵣⵉⵖⵜ ⵏ ⵉⵎⴰⵣⵉⵖⵏ ⵖ ⵓⵙⵙⴰⵏ ⵏ ⵜⵎⵖⵔⴰ ⵉ ⵉⵔⴳⴰⵣⵏ ⵏ ⵉⴳⵔⴰⵎⵏ'],
  ['Arabic-Indic digits alone', 'too-short-to-identify', '٠١٢٣٤٥٦٧٨٩ ١٢٣٤ ٥٦٧٨ ٩٠١٢ ٣٤٥٦'],
  ['a single word', 'too-short-to-identify', 'تهران'],
]

testFilter({
  component: langid,
  documents: [
    ...[...KEPT_ARABIC, ...KEPT_ENGLISH].map(([, text]) => doc(text)),
    ...DROPPED.map(([, , text]) => doc(text)),
    doc(`${ARABIC} ${ENGLISH}`, 'mixed'),
    doc(`// ${ENGLISH.repeat(9)}\nlet x = 1`, 'code', 'javascript'),
  ],
})

const FRENCH = DROPPED.find(([name]) => name === 'French')![2]
const JAWI = DROPPED.find(([name]) => name === 'Malay in Jawi script')![2]

describe('language identification', () => {
  it.each(KEPT_ARABIC)('keeps %s as Arabic', async (_, text) => {
    expect(await judge(doc(text))).toMatchObject({ verdict: undefined, lang: 'ar' })
  })

  it.each(KEPT_ENGLISH)('keeps %s as English', async (_, text) => {
    expect(await judge(doc(text))).toMatchObject({ verdict: undefined, lang: 'en' })
  })

  it.each(DROPPED)('drops %s as %s', async (_, reason, text) => {
    expect((await judge(doc(text))).verdict).toBe(reason)
  })

  it('adds the scores of the Arabic labels and keeps the likeliest as a measure', async () => {
    // Alone ar has .618 and arz .345 for the first, .149 and .744 for the second.
    const player = await judge(doc('كان لاعب كورة قدم مصرى بيلعب فى نادى الزمالك'))
    expect(player).toMatchObject({ verdict: undefined, lang: 'ar', variety: 'ar' })
    const singer = await judge(doc('هى مغنيه و ممثله من مصر اتولدت يوم'))
    expect(singer).toMatchObject({ lang: 'ar', language: 'ar', variety: 'arz' })
    expect(singer.score).toBeCloseTo(0.744 + 0.149, 2)
    expect(singer.probability).toBeGreaterThan(0.95)
  })

  it('recognises Malay in Jawi by its letters although the model calls it Arabic', async () => {
    expect(await judge(doc(JAWI))).toMatchObject({
      language: 'ar',
      neighbour: 'ms',
      verdict: 'arabic-script-neighbour',
    })
    expect(
      (await judge(doc(JAWI), { maxForeignShare: 1, minProbability: 0 })).verdict,
    ).toBeUndefined()
    expect((await judge(doc(JAWI), { maxForeignShare: 1 })).verdict).toBe('arabic-script-neighbour')
  })

  it('accepts a loanword in an Arabic text', async () => {
    expect((await judge(doc(`${ARABIC} وقال إن الـ«گالكسي» تعني المجرة.`))).verdict).toBeUndefined()
  })

  it('keeps a document that is half Arabic and half English as both', async () => {
    const found = await judge(doc(`${ARABIC}\n\n${ENGLISH}`))
    expect(found).toMatchObject({ verdict: undefined, lang: 'ar+en' })
    expect(found.arabicShare).toBeCloseTo(0.5, 1)
  })

  it('shows what a lower threshold would keep', async () => {
    const short = doc('Galaxy cluster mass function, power spectrum normalisation')
    const found = await judge(short)
    expect(found).toMatchObject({ verdict: 'uncertain-language', language: 'en' })
    expect(
      (await judge(short, { minProbability: Number(found.probability) - 0.01 })).verdict,
    ).toBeUndefined()
  })

  it('keeps other languages when asked to', async () => {
    expect(await judge(doc(FRENCH), { languages: ['fr'] })).toMatchObject({
      verdict: undefined,
      lang: 'fr',
    })
    expect((await judge(doc(ENGLISH), { languages: ['fr'] })).verdict).toBe('other-language')
  })
})

describe('sentences that the bare score of the model doubts', () => {
  it.each([
    ['We study the power spectrum of the density field at high redshift.', 'en'],
    ['See the table below for the units used in this module.', 'en'],
    ['الامتحان صعب، لكن الطلاب نجحوا فيه كلهم.', 'ar'],
    ['معرفتش أنام امبارح من كتر التفكير في الشغل.', 'ar'],
  ])('keeps «%s»', async (text, lang) => {
    expect(await judge(doc(text))).toMatchObject({ verdict: undefined, lang })
  })

  it('keeps a short sentence of few letters only if it is certain', async () => {
    expect((await judge(doc('What is it that they want?'))).verdict).toBeUndefined()
    expect((await judge(doc('Nebula M31'))).verdict).toBe('too-short-to-identify')
  })
})

describe('texts too short to identify', () => {
  const short = (lang: string) => doc('تهران', 'prose', lang)

  it('drops them by default, whatever their source says', async () => {
    expect((await judge(short('ar'))).verdict).toBe('too-short-to-identify')
  })

  it('keeps them in the declared language if told to inherit it and that language is kept', async () => {
    expect(await judge(short('ar'), { short: 'inherit' })).toMatchObject({
      verdict: undefined,
      lang: 'ar',
    })
    expect((await judge(short('fa'), { short: 'inherit' })).verdict).toBe('too-short-to-identify')
    expect((await judge(short(''), { short: 'keep' })).verdict).toBeUndefined()
  })

  it('counts letters only: digits and signs identify nothing', async () => {
    const found = await judge(doc('1, 2, 3! '.repeat(50)))
    expect(found).toMatchObject({ verdict: 'too-short-to-identify', letters: 0, language: '' })
  })
})

describe('source code', () => {
  const source = (comment: string) =>
    `/*\n * ${comment}\n */\nfunction f(x) { return "https://x.org" + x } // ok\n`
  const long = (text: string) => Array.from({ length: 6 }, () => text).join('\n * ')

  it('keeps its programming language and is not judged without enough comments', async () => {
    const code = doc(
      'for (;;) { await sleep(10); x += y.z / 2 }\n'.repeat(50),
      'code',
      'javascript',
    )
    expect(await judge(code)).toMatchObject({ verdict: undefined, lang: 'javascript', letters: 0 })
    expect(
      (await judge(doc(source('Voici une phrase.'), 'code', 'javascript'))).verdict,
    ).toBeUndefined()
  })

  it.each([ENGLISH, ARABIC])(
    'is kept when its comments are in a kept language',
    async (comment) => {
      const found = await judge(doc(source(long(comment)), 'code', 'javascript'))
      expect(found).toMatchObject({ verdict: undefined, lang: 'javascript' })
      expect(found.letters).toBeGreaterThan(400)
    },
  )

  it('is dropped when its many comments are in another language', async () => {
    expect((await judge(doc(source(long(FRENCH)), 'code', 'javascript'))).verdict).toBe(
      'comment-language',
    )
    const python = `"""${long(FRENCH)}"""\nprint('# ${ENGLISH}')\n`
    expect((await judge(doc(python, 'code', 'python'))).verdict).toBe('comment-language')
  })
})

describe('sampling', () => {
  it('finds the same language in windows of a long text', async () => {
    const arabic = await judge(doc(ARABIC.repeat(60)), { sampleWindows: 4 })
    expect(arabic).toMatchObject({ verdict: undefined, lang: 'ar' })
    expect((await judge(doc(ENGLISH.repeat(60)), { sampleWindows: 1 })).lang).toBe('en')
  })
})
