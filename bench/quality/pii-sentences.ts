// Sentences with one number each, of which it is known whether it is somebody's.
import { seededRandom } from '../random.ts'

/** A sentence, and how it must look after redaction. */
export interface Sentence {
  readonly text: string
  /** Where the number stands, in UTF-16 units. */
  readonly start: number
  readonly end: number
  readonly expected: string
}

/** One kind of number. */
export interface Kind {
  readonly name: string
  /** What replaces it; `''` if it is nobody's and must stay. */
  readonly placeholder: string
  /** Frames around `#`: those of the fit half, then those of the test half. */
  readonly frames: readonly [readonly string[], readonly string[]]
  number(digits: (count: number) => string, pick: (count: number) => number): string
}

const luhn = (digits: string): string => {
  const sum = [...`${digits}0`].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return digits + String((10 - (sum % 10)) % 10)
}

const mod97 = (text: string): number =>
  [...text].reduce((rest, character) => {
    const value = Number.parseInt(character, 36)
    return (rest * (value > 9 ? 100 : 10) + value) % 97
  }, 0)

const iban = (country: string, account: string): string => {
  const check = 98 - mod97(`${account}${country}00`)
  return country + String(check).padStart(2, '0') + account
}

const cpf = (digits: string): string => {
  const check = (text: string): string => {
    const sum = [...text].reduce((total, d, i) => total + Number(d) * (text.length + 1 - i), 0)
    return String(((sum * 10) % 11) % 10)
  }
  const first = digits + check(digits)
  return first + check(first)
}

type Drawing = Parameters<Kind['number']>
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const letter = (of: string, pick: Drawing[1]): string => of[pick(of.length)] ?? ''

/** Half of them in pairs, as on letters of the tax office. */
const insurance: Kind['number'] = (d, pick) => {
  const number = `${letter('ABCEHJLMPRSTW', pick)}${letter('ABCEHJLMPRSW', pick)}${d(6)}`
  const text = number + letter('ABCD', pick)
  return pick(2) === 0 ? text : text.replace(/(..)(?=.)/g, '$1 ')
}

const pan: Kind['number'] = (d, pick) => {
  const holder = letter('ABCFGHJLPT', pick)
  const [a, b, c, e] = [0, 0, 0, 0].map(() => letter(LETTERS, pick))
  return `${a}${b}${c}${holder}${e}${1 + pick(9)}${d(3)}${letter(LETTERS, pick)}`
}

const cnie: Kind['number'] = (d, pick) =>
  `${['A', 'K', 'BE', 'JB', 'EE', 'CD'][pick(6)]}${d(5 + pick(2))}`

/** With the check letter: the number modulo 23, `XYZ` counting as 0 to 2. */
const spanish = (text: string): string => {
  const number = Number(text.replace(/^[XYZ]/, (first) => String('XYZ'.indexOf(first))))
  return text + 'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]
}

const PHONE_FRAMES = [
  ['Phone: #', 'هاتف: #', 'call me at # today', 'للتواصل # مساء', 'Tel. #', 'جوال #'],
  ['Mobile #', 'ت: #', 'WhatsApp: #', 'واتساب #', 'Phone:\n#', 'هاتف\n#'],
] as const
const ID_FRAMES = [
  ['national ID #', 'رقم الهوية: #', 'identity card #', 'بطاقة الهوية رقم #'],
  ['passport or ID number: #', 'رقم البطاقة #', 'his national id is #', 'الرقم القومي #'],
] as const
const INSURANCE_FRAMES = [
  ['NINO: #', 'National Insurance number #', 'رقم التأمين الوطني #'],
  ['his NI number is # he said', 'National Insurance no. #', 'التأمين الوطني البريطاني: #'],
] as const
const TAX_FRAMES = [
  ['PAN: #', 'PAN card number #', 'رقم الحساب الدائم #'],
  ['permanent account number #', 'her PAN is # there', 'الرقم الضريبي الهندي: #'],
] as const
const CARD_FRAMES = [
  ['CNIE #', "carte d'identité nationale #", 'بطاقة التعريف الوطنية رقم #'],
  ['titulaire de la CIN n° #', 'Moroccan ID #', 'الحامل للبطاقة الوطنية #'],
] as const
const PLAIN_FRAMES = [
  ['we wrote # there', 'كتبنا # هناك'],
  ['the note says # and more', 'في الورقة # وغيره'],
] as const

/** Numbers that are somebody's. */
export const PERSONAL: readonly Kind[] = [
  {
    name: 'phone, Arab mobile, named',
    placeholder: '<PHONE>',
    frames: PHONE_FRAMES,
    number: (d, pick) =>
      ['05#', '+9665#', '009715#', '+2010#', '+2126#'][pick(5)]!.replace('#', d(8)),
  },
  {
    name: 'phone, Arab mobile, bare',
    placeholder: '<PHONE>',
    frames: PLAIN_FRAMES,
    number: (d, pick) => ['+9665#', '+2126#', '009665#'][pick(3)]!.replace('#', d(8)),
  },
  {
    name: 'phone, North American, named',
    placeholder: '<PHONE>',
    frames: PHONE_FRAMES,
    number: (d, pick) => `${2 + pick(8)}${d(2)}-${2 + pick(8)}${d(2)}-${d(4)}`,
  },
  {
    name: 'card with Luhn, grouped',
    placeholder: '<CARD>',
    frames: PLAIN_FRAMES,
    number: (d) => luhn(`4${d(14)}`).replace(/(.{4})(?=.)/g, '$1 '),
  },
  {
    name: 'IBAN, Saudi, as written and in lower case',
    placeholder: '<IBAN>',
    frames: PLAIN_FRAMES,
    number: (d, pick) => {
      const text = iban('SA', d(20)).replace(/(.{4})(?=.)/g, '$1 ')
      return pick(2) === 0 ? text : text.toLowerCase()
    },
  },
  {
    name: 'Saudi identity, named',
    placeholder: '<NATIONAL_ID>',
    frames: ID_FRAMES,
    number: (d, pick) => luhn(`${1 + pick(2)}${d(8)}`),
  },
  {
    name: 'Emirates identity, bare',
    placeholder: '<NATIONAL_ID>',
    frames: PLAIN_FRAMES,
    number: (d) => luhn(`7841984${d(7)}`).replace(/^(.{3})(.{4})(.{7})(.)$/, '$1-$2-$3-$4'),
  },
  {
    name: 'Brazilian CPF, bare',
    placeholder: '<NATIONAL_ID>',
    frames: PLAIN_FRAMES,
    number: (d) => cpf(d(9)).replace(/^(.{3})(.{3})(.{3})(..)$/, '$1.$2.$3-$4'),
  },
  {
    name: 'US social security, named',
    placeholder: '<NATIONAL_ID>',
    frames: [
      ['SSN #', 'social security number #'],
      ['his SSN is #', 'social security: #'],
    ],
    number: (d, pick) =>
      `${1 + pick(5)}${1 + pick(9)}${1 + pick(9)}-${1 + pick(9)}${1 + pick(9)}-${1 + pick(9)}${d(3)}`,
  },
  {
    name: 'British national insurance, named',
    placeholder: '<NATIONAL_ID>',
    frames: INSURANCE_FRAMES,
    number: insurance,
  },
  {
    name: 'Indian PAN, named',
    placeholder: '<NATIONAL_ID>',
    frames: TAX_FRAMES,
    number: pan,
  },
  {
    name: 'Moroccan CNIE, named',
    placeholder: '<NATIONAL_ID>',
    frames: CARD_FRAMES,
    number: cnie,
  },
  {
    name: 'Spanish DNI and NIE, named',
    placeholder: '<NATIONAL_ID>',
    frames: [
      ['DNI #', 'NIE: #', 'رقم الهوية الإسباني #'],
      ['su DNI es #', 'with NIE # in Spain', 'بطاقة الهوية رقم #'],
    ],
    number: (d, pick) => spanish(pick(2) === 0 ? d(8) : `${'XYZ'[pick(3)]}${d(7)}`),
  },
  {
    name: 'Spanish NIE, bare',
    placeholder: '<NATIONAL_ID>',
    frames: PLAIN_FRAMES,
    number: (d, pick) => spanish(`${'XYZ'[pick(3)]}${d(7)}`),
  },
  {
    name: 'e-mail address, bare',
    placeholder: '<EMAIL>',
    frames: PLAIN_FRAMES,
    number: (d, pick) =>
      `${['sara', 'ahmed.ali', 'j.smith', 'm_k'][pick(4)]}${d(2)}@${['gmail.com', 'corp.sa', 'mail.co.uk'][pick(3)]}`,
  },
  {
    name: 'public IP address, bare',
    placeholder: '<IP_ADDRESS>',
    frames: PLAIN_FRAMES,
    number: (_d, pick) => `${41 + pick(50)}.${pick(256)}.${pick(256)}.${1 + pick(254)}`,
  },
]

const lure = (name: string, frames: Kind['frames'], number: Kind['number']): Kind => ({
  name,
  placeholder: '',
  frames,
  number,
})

/** Numbers that are nobody's. */
export const LURES: readonly Kind[] = [
  lure(
    'years and verses in rows',
    [
      ['in the years: #', 'في السنوات: #', 'الآيات: #'],
      ['reports: #', 'البيانات: #', 'الدرجات: #'],
    ],
    (_d, pick) => `${1900 + pick(120)} ${1900 + pick(120)} ${1900 + pick(120)}`,
  ),
  lure(
    'amounts',
    [
      ['sales of # pounds', 'المبيعات: # دينار'],
      ['a total: # tons', 'الصادرات: # طن'],
    ],
    (d, pick) => `${1 + pick(9)} ${d(3)} 000`,
  ),
  lure(
    'decimals and coordinates',
    [
      ['ra # deg', 'الميل # درجة'],
      ['at # in the list', 'عند # في الجدول'],
    ],
    (d, pick) => `${pick(2) === 0 ? '+' : '-'}${10 + pick(80)}.${d(8)}`,
  ),
  lure(
    'versions of four numbers',
    [
      ['kernel # was installed', 'الإصدار # جاهز'],
      ['version # is out', 'نسخة # متاحة'],
    ],
    (_d, pick) => `${1 + pick(30)}.${pick(31)}.${pick(20)}.${32 + pick(200)}`,
  ),
  lure(
    'catalogues',
    [
      ['Gaia DR3 #', 'ISBN #'],
      ['arXiv, DOI #', 'OCLC #'],
    ],
    (d) => `4${d(12)}`,
  ),
  lure('British national insurance, bare', PLAIN_FRAMES, insurance),
  lure(
    'British national insurance of prefixes never issued',
    INSURANCE_FRAMES,
    (d, pick) => `${['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ', 'DA', 'AO'][pick(9)]}${d(6)}A`,
  ),
  lure('Indian PAN, bare', PLAIN_FRAMES, pan),
  lure(
    'Indian PAN whose fourth letter is no kind of holder',
    TAX_FRAMES,
    (d, pick) => `AB${letter('CDE', pick)}${letter('DMNXZ', pick)}K1${d(3)}F`,
  ),
  lure('Moroccan CNIE, bare', PLAIN_FRAMES, cnie),
  lure('Spanish DNI, bare', PLAIN_FRAMES, (d) => spanish(d(8))),
  lure(
    'codes written as a Spanish NIE, any last letter',
    PLAIN_FRAMES,
    (d, pick) => `${letter('XYZ', pick)}${d(7)}${letter(LETTERS, pick)}`,
  ),
  lure('bare numbers of ten digits', PLAIN_FRAMES, (d, pick) => `${2 + pick(7)}${d(9)}`),
]

const SENTENCES = 400

/** Sentences with numbers of one kind; `seed` 1 is the fit half, 2 the test half. */
export function sentencesOf({ placeholder, frames, number }: Kind, seed: number): Sentence[] {
  const random = seededRandom(seed * 1009)
  const pick = (count: number): number => Math.floor(random() * count)
  const digits = (count: number): string => Array.from({ length: count }, () => pick(10)).join('')
  const own = frames[seed - 1] ?? frames[0]
  return Array.from({ length: SENTENCES }, (_, i) => {
    const frame = own[i % own.length] ?? '#'
    const value = number(digits, pick)
    const text = frame.replace('#', value)
    const start = frame.indexOf('#')
    const expected = placeholder === '' ? text : frame.replace('#', placeholder)
    return { text, start, end: start + value.length, expected }
  })
}
