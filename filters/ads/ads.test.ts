import { beforeAll, describe, expect, it } from 'vitest'
import type { Filter } from '../../src/core/filter.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose, testFilter } from '../../src/testing/filter.ts'
import { ads } from './index.ts'
import { isAdvertisement } from './line.ts'

const ARTICLE = [
  'The telescope was built between 1998 and 2003 on a plateau in the Andes, where the air is dry.',
  'It follows the sky with a precision that its designers did not expect.',
]
const ARABIC_ARTICLE = [
  'بني المرصد بين عامي ١٩٩٨ و٢٠٠٣ على هضبة في جبال الأنديز حيث الهواء جاف.',
  'ويتابع السماء بدقة لم يتوقعها المصممون، وقد شارك في بنائه ألف مهندس.',
]
const farm = Array.from(
  { length: 12 },
  (_, i) => `Shop ${i} https://shop${i}.example.com/deals/today/${i}`,
).join('\n')

let filter: Filter
beforeAll(async () => {
  filter = await ads.create(ads.options.parse({}), testContext('/'))
})
const clean = (lines: readonly string[]) =>
  applyFilter(filter, [prose(lines.join('\n'))]).texts[0]?.split('\n')

testFilter({
  component: ads,
  documents: [
    prose([...ARTICLE, 'Subscribe to our newsletter!', 'Facebook | Twitter | WhatsApp'].join('\n')),
    prose([...ARABIC_ARTICLE, 'اشترك في قناتنا على يوتيوب', 'اقرأ أيضاً: عشرة أسباب'].join('\n')),
    prose(farm),
    prose('Read more\nhttps://example.com/a'),
    { kind: 'code', text: '// follow us on twitter\nhttps://example.com' },
    { kind: 'mixed', text: 'text\n```\nhttps://example.com/a\n```\nmore' },
  ],
})

describe('advertising lines', () => {
  it.each([
    'Subscribe to our newsletter for weekly updates',
    'Follow us on Instagram @telescopes',
    'Use code SAVE20 at checkout. Use coupon code STAR for 20% off!',
    'Buy now and get free shipping on all orders',
    'This post contains affiliate links.',
    'We use cookies to improve your experience. Accept all cookies?',
    'Read more »',
    'Facebook  Twitter  Pinterest  WhatsApp',
    'Share on Facebook',
    'https://example.com/page?id=1',
    '- Source: https://example.com/page',
    'Great lens here https://amzn.to/3abcdef',
    '#stars #night #sky #photo great',
    '😍😍😍🔥🔥',
    '© 2024 Sky Media. All rights reserved.',
    'Call us now to order: 0501234567',
  ])('in English: %s', (line) => {
    expect(isAdvertisement(line)).toBe(true)
    expect(clean([...ARTICLE, line])).toEqual([...ARTICLE, ''])
  })

  it.each([
    'اشتركوا في قناتنا على اليوتيوب وفعّلوا الجرس',
    'تابعونا على تويتر وفيسبوك',
    'لا تنسَ الاشتراك في القناة',
    'خصم يصل إلى ٥٠٪ على جميع المنتجات لفترة محدودة',
    'كود خصم نون الجديد',
    'للطلب والاستفسار واتساب ٠٥٠١٢٣٤٥٦٧',
    'للحجز اتصل بنا <PHONE>',
    'اقرأ المزيد',
    'اقرأ أيضًا: عشر نصائح لتصوير القمر',
    'شارك المقال على فيسبوك',
    'فيسبوك | تويتر | واتساب | تيليجرام',
    'جميع الحقوق محفوظة © ٢٠٢٤',
    'نستخدم ملفات تعريف الارتباط لتحسين تجربتك',
    'إعلان',
    'شركة تنظيف منازل بالرياض عمالة فلبينية',
    'اضغط هنا لتحميل الكتاب',
    '#خصومات #تسوق #عروض_اليوم',
  ])('in Arabic: %s', (line) => {
    expect(isAdvertisement(line)).toBe(true)
    expect(clean([...ARABIC_ARTICLE, line])).toEqual([...ARABIC_ARTICLE, ''])
  })
})

describe('what stays', () => {
  it.each([
    ...ARTICLE,
    ...ARABIC_ARTICLE,
    '## Read more',
    '| Facebook | Twitter | WhatsApp |',
    'Read more about the formation of galaxies in the chapter on structure.',
    'The company offered a 20% discount to its earliest customers in 1998.',
    'Facebook and Twitter were founded in 2004 and 2006 in the United States.',
    'He shared the article with his colleagues, who followed his method.',
    'See https://example.com for the derivation of the formula.',
    'أعلنت الشركة عن خصم كبير في الأسعار خلال العام الماضي',
    'تابع الباحثون دراسة المجرات القريبة من درب التبانة',
    'شارك العالم في تأليف ثلاثة كتب عن النجوم',
    'يمكن للطالب حجز مقعده في المكتبة قبل الامتحان',
    'بلغ سعر التلسكوب مليون دولار',
  ])('%s', (line) => {
    expect(isAdvertisement(line)).toBe(false)
  })

  it('is code, and fenced code inside other text', () => {
    const text = [
      'Use it so:',
      '```',
      'https://example.com/a',
      'Read more',
      '```',
      'Read more',
    ].join('\n')
    const { texts, values } = applyFilter(filter, [
      { kind: 'mixed', text },
      { kind: 'code', text },
    ])
    expect(texts).toEqual([text.slice(0, -'Read more'.length), text])
    expect(values[0]).toMatchObject({ removedLines: 1, links: 0 })
  })
})

describe('documents', () => {
  it('are dropped if they are lists of links', () => {
    expect(applyFilter(filter, [prose(farm), prose(ARTICLE.join('\n'))]).verdicts).toEqual([
      'link-farm',
      undefined,
    ])
  })

  it('are dropped if they are mostly advertising', () => {
    const text =
      'Good morning\nSubscribe to our newsletter today and get the latest offers\nBuy now! Free shipping on all orders'
    expect(applyFilter(filter, [prose(text)]).verdicts).toEqual(['mostly-ads'])
    expect(
      applyFilter(filter, [
        prose('صباح الخير\nاشترك في قناتنا على يوتيوب\nكود خصم ٥٠٪ لفترة محدودة'),
      ]).verdicts,
    ).toEqual(['mostly-ads'])
  })
})

it('reads ten megabytes of links on one line once', () => {
  const text = 'www. https://a '.repeat(700_000)
  expect(applyFilter(filter, [prose(text)]).values[0]).toMatchObject({
    links: 1_400_000,
    removedLines: 0,
  })
})
