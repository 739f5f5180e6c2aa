// Words before a number that name it. All patterns run on Latin-1 windows.
import {
  type Finding,
  inWindow,
  type Passage,
  type PiiType,
  PLACEHOLDERS,
  windowOf,
} from './finding.ts'

/** How far before a number its name may stand, in bytes (Arabic letters take two). */
const REACH = 64

/**
 * The line before `at`, at most 64 bytes of it, starting at the last finding, which is replaced by
 * its placeholder. So a text reads the same before and after redaction.
 */
function lineBefore(passage: Passage, at: number, last: Finding | undefined): string {
  const from = Math.max(passage.start, last?.end ?? 0, at - REACH)
  const text = windowOf(passage, from, at)
  const start = text.lastIndexOf('\n') + 1
  const line = text.slice(start)
  if (start > 0) return placeholderIn(line) ?? labelAbove(text.slice(0, start - 1), line) + line
  if (last !== undefined && last.end >= at - REACH) return PLACEHOLDERS[last.type] + text
  const placeholder = placeholderIn(windowOf(passage, from - LONGEST, at))
  return placeholder && placeholder.length - placeholder.indexOf('>') - 1 <= REACH
    ? placeholder
    : text
}

/** Bytes and words of a line that is only a label. */
const LABEL_BYTES = 32
const LABEL_WORDS = 3

/** The line above if the number begins its own line and the line above is no more than a label. */
function labelAbove(above: string, line: string): string {
  if (/[^\s*•>-]/.test(line)) return ''
  const label = above
    .slice(above.lastIndexOf('\n') + 1)
    .replace(NUMBER_OF_PLACEHOLDER, '$1>')
    .trim()
  const isShort = label.length <= LABEL_BYTES && label.split(/\s+/).length <= LABEL_WORDS
  return isShort && !/\d/.test(label) ? `${label} ` : ''
}

/** Digits of the number in a placeholder. */
const MOST_DIGITS = 9
const LONGEST =
  Math.max(...Object.values(PLACEHOLDERS).map((text) => text.length)) + 1 + MOST_DIGITS
const PLACEHOLDER = new RegExp(
  `<(EMAIL|KEY|IP_ADDRESS|PHONE|IBAN|CARD|NATIONAL_ID)(?:_\\d{1,${MOST_DIGITS}})?>([^\\n<]*)$`,
)

const NUMBER_OF_PLACEHOLDER = new RegExp(`(<[A-Z_]{3,11})_\\d{1,${MOST_DIGITS}}>`, 'g')

/** From the last placeholder of an earlier redaction, its number left out, to the line's end. */
function placeholderIn(text: string): string | undefined {
  const match = PLACEHOLDER.exec(text)
  return match === null ? undefined : `<${match[1]}>${match[2]}`
}

/** Between a word and its number: an assignment, or up to 48 bytes of plain text. */
const BETWEEN = `(?:["']?\\s{0,3}[:=]{1,2}\\s{0,3}["']?|[^"{}=;]{0,48})$`

/**
 * A pattern of words that name what comes next: whole English words, Arabic words with anything
 * attached, and Arabic abbreviations by themselves, since their letters also end plurals.
 */
function words(
  english: string,
  arabic: readonly string[],
  abbreviations: readonly string[] = [],
): RegExp {
  const alone = abbreviations.map((text) => `(?<![\\xd8-\\xdb][\\x80-\\xbf])${inWindow(text)}`)
  const either = `(?<![A-Za-z<])(?:${english})(?![A-Za-z>])|${[...arabic.map(inWindow), ...alone].join('|')}`
  return new RegExp(`(?:${either})${BETWEEN}`, 'i')
}

const PHONE = words(
  'phone|telephone|tel|mobile|mob[.:]|cellular|cell ?phone|cell(?= ?(?:no|number|#|:|is))|fax|whats ?app|viber|hotline|landline|call(?:ing)?(?! (?:no|numbers?|marks?|slips?|centers?|centres?)\\b)|dial|sms|wa\\.me|desk ?:|ph ?[.:]|gsm',
  [
    ...[
      'هاتف',
      'تلفون',
      'تليفون',
      'جوال',
      'موبايل',
      'محمول',
      'نقال',
      'خلوي',
      'فاكس',
      'واتس',
      'واتساب',
      'اتصل',
      'اتصال',
    ],
    ...['للتواصل', 'للاستفسار', 'للحجز', 'رقم التواصل', 'كلمني', 'الخط الساخن', 'جوّال'],
  ],
  ['ت:', 'ج:', 'ت :', 'ج :', 'ت/', 'ج/'],
)
const PHONE_BEHIND =
  /^[\s)\]]{0,3}(?:\(|-)?\s?(?:office|fax|mob(?:ile)?|cell|home|work|tel)(?![a-z])/i
const CARD = words(
  'card|credit|debit|visa|master ?card|amex|american express|maestro|discover|cc|pan',
  [...['بطاقة', 'بطاقه', 'فيزا', 'ماستر', 'ائتمان', 'مدى']],
)
const NATIONAL_ID = words(
  'national (?:id(?:entity)?|identification|insurance)|identity (?:card|number)|id (?:number|no|card)|iqama|emirates id|civil id|saudi id|passport|nid|ssn|social security|security number|nhs|aadhaar|cpf|dni|nie|nif|cin|carte nationale',
  [
    ...[
      'رقم الهوية',
      'الهوية',
      'هوية',
      'هويتي',
      'الإقامة',
      'اقامة',
      'إقامة',
      'الاقامة',
      'الرقم المدني',
      'الرقم القومي',
    ],
    ...[
      'رقم قومي',
      'الرقم الوطني',
      'بطاقة الهوية',
      'السجل المدني',
      'رقم السجل',
      'رقم البطاقة',
      'رقمي القومي',
    ],
    ...[
      'بطاقة التعريف',
      'رقم التعريف',
      'البطاقة الوطنية',
      'البطاقة الشخصية',
      'جواز السفر',
      'رقم الجواز',
      'الضمان الاجتماعي',
    ],
  ],
)
const INSURANCE = words('national insurance|ninos?|ni (?:no|numbers?|#)|NI(?=:)', [
  ...['التأمين الوطني', 'التامين الوطني', 'التأمين القومي', 'رقم التأمين', 'رقم التامين'],
])
const TAX = words('pan|permanent account number|income tax (?:id|no|number)', [
  ...['الحساب الدائم', 'الرقم الضريبي', 'رقم ضريبي'],
])
const IDENTITY_CARD = words(
  "cnie?|cin(?! ?>>)|c\\.i\\.n\\.?(?:e\\.)?|carte (?:d(?:'|\xe2\x80\x99)identit\xc3\xa9|nationale)|national id(?:entity)?|identity card|moroccan id",
  [
    ...['بطاقة التعريف', 'بطاقة الوطنية', 'رقم البطاقة', 'بطاقة الهوية', 'رقم الهوية'],
    ...['بطاقة وطنية', 'بطاقته الوطنية', 'بطاقتي الوطنية', 'رقم بطاقت', 'رقم التعريف'],
  ],
)
const NETWORK = words(
  'dns|server|ip|ips|ipv4|host|address|ping|login|logged|client|gateway|router|proxy|firewall|attack',
  [...['خادم', 'سيرفر', 'عنوان', 'آي بي']],
)
const VERSION =
  /(?<![A-Za-z])(?:version|ver|v|release|rev|build|firmware|update|patch|section|chapter|kernel|drivers?|linux|windows|android|macos|ios|chrom(?:e|ium)|firefox|safari|edge|opera|webkit|java|jdk|php|mysql|cuda|nvidia|bios|sdk|api|appendix|table|figure|\xc2\xa7)[\s.:=v-]{0,4}$|[A-Za-z]\/$/i
const ARABIC_VERSION = new RegExp(
  `(?:${['إصدار', 'الإصدار', 'نسخة', 'النسخة', 'اصدار', 'القسم', 'الفصل', 'البند', 'النواة', 'نواة', 'تعريف', 'التعريف'].map(inWindow).join('|')})[\\s:]{0,3}$`,
)
const CATALOGUE =
  /(?:isbn|issn|doi|pmid|oclc|lccn|arxiv|asin|issue|patent|ean|upc|bibcode|hdl|orcid|manuscript|shelf ?mark|call n(?:o|umber)|arn:aws|#)[^\n]{0,32}$|\b(?:gaia|2mass|wise|sdss|tyc|hip|hd|ngc|ic|ugc|pgc|tic|kic|toi|msx?|mss)[ .:]{0,2}(?:e?dr\d )?(?:j ?)?$/i

/**
 * What the words before a number may call it: `version` includes sections, `catalogue` is the
 * number of a book, an article or a patent.
 */
type Topic = Named | 'version' | 'catalogue'
type Named = 'phone' | 'card' | 'nationalId' | 'insurance' | 'tax' | 'identityCard' | 'network'
/** Tests one meaning at a time, since most numbers need one or two. */
export type Context = (topic: Topic) => boolean

/** The words before `at`; `last` is the finding before it. */
export function contextOf(passage: Passage, at: number, last: Finding | undefined): Context {
  let line: string | undefined
  return (topic) => {
    line ??= lineBefore(passage, at, last)
    if (topic === 'catalogue') return CATALOGUE.test(line)
    if (topic === 'version') return VERSION.test(line) || ARABIC_VERSION.test(line)
    const { words, type } = NAMES[topic]
    return LETTER.test(line) && (words.test(line) || follows(line, type))
  }
}

/** Words that name a number, and the type they give it. */
const NAMES: Readonly<Record<Named, { words: RegExp; type: PiiType }>> = {
  phone: { words: PHONE, type: 'phone' },
  card: { words: CARD, type: 'card' },
  nationalId: { words: NATIONAL_ID, type: 'nationalId' },
  insurance: { words: INSURANCE, type: 'nationalId' },
  tax: { words: TAX, type: 'nationalId' },
  identityCard: { words: IDENTITY_CARD, type: 'nationalId' },
  network: { words: NETWORK, type: 'ipAddress' },
}

const LETTER = /[A-Za-z\x80-\xff]/

/** Whether a word after the number calls it a telephone: `555 0134 office`. */
export function isCalledPhone(passage: Passage, end: number): boolean {
  return PHONE_BEHIND.test(windowOf(passage, end, end + 16))
}

/**
 * Whether the number continues a list: only punctuation and short words since the last finding of
 * the type.
 */
function follows(text: string, type: PiiType): boolean {
  return text.startsWith(PLACEHOLDERS[type]) && text.length - PLACEHOLDERS[type].length <= 8
}
