/*
 * Templates that carry content, by name, and how each is spelled out. English names work in Arabic
 * articles too, so one table serves both languages. To add a template, add its name to the line
 * that does the same.
 */

import type { Call, Handler } from './call.ts'
import { asOf, dateFrom, dayFirst, sortableDate } from './dates.ts'
import { languageName } from './languages.ts'
import { nameSet } from './names.ts'
import { measured, quantity } from './units.ts'

const first: Handler = (call) => call.at(1)
const second: Handler = (call) => call.at(2) || call.at(1)
const last: Handler = (call) => call.rest().at(-1) ?? ''
const glued: Handler = (call) => call.rest().join('')
const spaced: Handler = (call) => call.rest().join(' ')
const block: Handler = (call) => `\n${call.at(1)}\n`
const says =
  (text: string): Handler =>
  () =>
    text
const wrapped =
  (before: string, after = ''): Handler =>
  (call) =>
    call.at(1) && before + call.at(1) + after

const listComma = (call: Call): string => (call.language === 'ar' ? '، ' : ', ')
const inlineList: Handler = (call) => call.rest().join(listComma(call))
const bulletList: Handler = (call) =>
  `\n${call
    .rest()
    .map((item) => `* ${item}`)
    .join('\n')}\n`

/** `{{lang-de|Wien}}`, `{{langx|de|Wien}}`: "German: Wien", بالألمانية: Wien. */
function labelled(code: string, call: Call, text: string): string {
  const name = languageName(code, call.language)
  if (text === '' || name === undefined) return text
  return call.language === 'ar' ? `بال${name.replace(/^ال/, '')}: ${text}` : `${name}: ${text}`
}

/** Arabic templates named after a language put its name and the word in brackets. */
const bracketed =
  (code: string): Handler =>
  (call) => {
    const text = call.at(1)
    return text && `(${labelled(code, { ...call, language: 'ar' }, text)})`
  }

const quotation: Handler = (call) => {
  const text = call.at(1) || call.get('text', 'quote', 'نص', 'اقتباس')
  const by = call.at(2) || call.get('author', 'sign', 'source', 'مؤلف', 'كاتب', 'قائل')
  return text && `\n${text}${by ? ` — ${by}` : ''}\n`
}

/** The two halves of a classical verse on one line. */
const verse: Handler = (call) => `\n${call.rest().slice(0, 2).join(' … ')}\n`

const foreignLink: Handler = (call) =>
  call.get('نص', 'text', 'display', 'lt') || call.get('عر', 'ar') || call.at(1) || call.get('تر')

const nihongo: Handler = (call) => {
  const inner = [call.at(2), call.at(3)].filter(Boolean).join(', ')
  return call.at(1) ? `${call.at(1)}${inner ? ` (${inner})` : ''}` : inner
}

const chinese: Handler = (call) => {
  const parts = (['c', 's', 't', 'p', 'w'] as const).map((key) => call.get(key)).filter(Boolean)
  return parts.length > 0 ? parts.join(listComma(call)) : inlineList(call)
}

const circa: Handler = (call) => (call.language === 'ar' ? 'نحو ' : 'c. ') + call.rest().join('–')

const ordinal: Handler = (call) => {
  const number = call.at(1)
  const tens = number.slice(-2)
  const ending = /^1\d$/.test(tens)
    ? 'th'
    : ({ 1: 'st', 2: 'nd', 3: 'rd' }[number.slice(-1)] ?? 'th')
  return number && number + ending
}

const fraction: Handler = (call) => {
  const parts = call.rest()
  if (parts.length === 1) return `1/${parts[0]}`
  return parts.length === 2
    ? parts.join('/')
    : `${parts[0] ?? ''} ${parts.slice(1, 3).join('/')}`.trim()
}

const nuclide: Handler = (call) => `${call.at(1)}${call.at(2) ? `-${call.at(2)}` : ''}`

/** Arabic-script codes used as template names: `{{إنج|word}}`. */
const LANGUAGE_TEMPLATES: readonly (readonly [code: string, names: string])[] = [
  ['en', 'إنج|إنجليزية|انج|انجليزية|إنكليزية|لغة-إنج'],
  ['fr', 'فر|فرنسية|فرن|لغة-فر'],
  ['de', 'ألمانية|ألم|لغة-أل|لغة-ألم'],
  ['es', 'إسبانية|إسب|لغة-إس'],
  ['it', 'إيطالية|إيط|لغة-إي'],
  ['pt', 'برتغالية|برت'],
  ['ru', 'روسية|روس|لغة-رو'],
  ['el', 'يونانية|يون'],
  ['grc', 'إغريقية|إغريق'],
  ['la', 'لاتينية|لات|لاتيني'],
  ['tr', 'تركية|ترك|لغة-تر'],
  ['fa', 'فارسية|فار|فارسی'],
  ['he', 'عبرية|عبر|عبري'],
  ['nl', 'هولندية|هول'],
  ['zh', 'صينية|صين'],
  ['ja', 'يابانية|ياب'],
  ['ko', 'كورية|كور'],
  ['hi', 'هندية'],
  ['ur', 'أردية|أردو'],
  ['ku', 'كردية|كرد'],
  ['ber', 'أمازيغية|أمز'],
  ['sy', 'سريانية|سري'],
  ['hy', 'أرمنية|أرم'],
  ['sv', 'سويدية|سوي'],
  ['pl', 'بولندية|بول'],
]

const TABLE: readonly (readonly [names: string, handler: Handler])[] = [
  // Formatting around text.
  [
    `nowrap|nobr|nobreak|small|smaller|big|larger|resize|nobold|noitalic|normal|em|strong|bold|b|i|italic|italics|u|underline|sc|smallcaps|small caps|caps|abbr|abbreviation|tooltip|hover title
    code|tt|mono|samp|kbd|var|mvar|math|keypress|key|key press|vanchor|visible anchor|visibleanchor|not a typo|typo|sic|as written|proper name|noitalic|unicode|script|char|gloss|no break|nocaps|s|strike|pre2|q|'|linktext|plain link|plainlink|big&sw
    منع التفاف|بلا التفاف|صغير|كبير|عريض|مائل|غامق|اختصار|تلميح|خط عربي|نص عربي|رياضيات|كود|خط|شطب|لا سطر جديد|دون التفاف|ضغط|قا`,
    first,
  ],
  [
    'color|colour|font color|font colour|fontcolor|background color|bg|لون|لون خط|لون الخط|resize|font|midsize|حجم خط',
    last,
  ],
  [
    'center|centre|align|block indent|div|plainlist|plain list|flatlist|flat list|startplainlist|indent|وسط|توسيط|محاذاة|قائمة بسيطة',
    block,
  ],
  [
    'columns-list|colwidth|div col|col-list|قائمة أعمدة|أعمدة',
    (call) => `\n${call.at(2) || call.get('الأعمدة', 'الاعمده', 'content') || call.at(1)}\n`,
  ],
  ['hlist|comma separated entries|cslist|csv|قائمة أفقية', inlineList],
  [
    'unbulleted list|ubl|ublist|bulleted list|bulletlist|blist|قائمة غير نقطية|قائمة نقطية|قائمة',
    bulletList,
  ],
  ['sort|sorted|hs|sortkey|ترتيب', second],
  ['sortname|sort name', spaced],
  ['nts|ntsh|number table sorting|number|formatnum|val2|gaps|رقم', glued],
  ['linktext2|chem|chem2|ce|hill|كيمياء', glued],
  ['frac|fraction|sfrac|كسر', fraction],
  ['val|val2', measured],
  ['e|esp', wrapped('×10^')],
  ['sup|su|أس', wrapped('^')],
  ['sub', wrapped('_')],
  ['sqrt|radic|جذر', wrapped('√')],
  ['angbr|angle bracket|grapheme', wrapped('⟨', '⟩')],
  ['abs|mabs', wrapped('|', '|')],
  ['bra', wrapped('⟨', '|')],
  ['ket', wrapped('|', '⟩')],
  ['nuclide|simplenuclide|simplenuclide2|nuclide2|physics particle', nuclide],
  ['ordinal|ord', ordinal],

  // Languages, scripts, names.
  ['lang|langr|لغة|لغه', (call) => second(call)],
  ['langx|lang-x|لغة2', (call) => labelled(call.at(1), call, call.at(2))],
  ['transl|transliteration|xlit|rtgs|نقحرة|رومنة|نقل حرفي', last],
  ['nihongo|nihongo2|nihongo3|nihongo foot', nihongo],
  ['zh|chinese', chinese],
  ['native name|native name list|nativename|اسم أصلي', second],
  [
    'ill|illm|interlanguage link|interlanguage link multi|link-interwiki|red link|وصلة إنترويكي|وإو|و|وصلة بلغات أخرى|وصلة بين اللغات',
    foreignLink,
  ],
  [
    'ship|hms|uss|sclass|مدمرة',
    (call) =>
      /^(?:hms|uss)$/.test(call.name) ? `${call.name.toUpperCase()} ${call.at(1)}` : spaced(call),
  ],
  ['flag|flagu|flagcountry|flag country|flaglist|flagathlete|علم|بلد|علم بلد|پرچم', first],

  // Numbers, dates, units, money.
  ['convert|cvt|conv|convinfobox|convert/spell|تحويل|وحدة|حول وحدة|تحويل وحدات|تبدیل', quantity],
  [
    'height|ارتفاع',
    (call) =>
      call.get('m')
        ? `${call.get('m')} m`
        : call.get('ft') && `${call.get('ft')} ft ${call.get('in')} in`,
  ],
  [
    `birth date|birth-date|birth date and age|birth-date and age|bda|dob|death date|death-date|death date and age|dda|death-date and age|start date|start date and age|end date|film date|date|birth year and age|launch date|release date
    تاريخ الميلاد|تاريخ ميلاد|تاريخ ميلاد وعمر|تاريخ الميلاد والعمر|ميلاد وعمر|ميلاد|تاريخ الوفاة|تاريخ وفاة|تاريخ الوفاة والعمر|تاريخ وفاة وعمر|وفاة وعمر|وفاة|تاريخ بدء|تاريخ البدء|تاريخ البدء والعمر|تاريخ النهاية|تاريخ`,
    dateFrom,
  ],
  ['dmy|يوم شهر سنة', dayFirst],
  ['as of|asof|اعتبارا من|حتى تاريخ', asOf],
  ['dts|date table sorting|dtsh', sortableDate],
  ['circa|c.|ca|ca.|حوالي|نحو|قرابة', circa],
  ['floruit|fl|fl.', wrapped('fl. ')],
  ['reign|r.|حكم', (call) => (call.language === 'ar' ? 'حكم ' : 'r. ') + call.rest().join('–')],
  ['decade|year|sclass-year|السنة|سنة|عقد|قرن', first],
  ['ad|م.', wrapped('AD ')],
  ['bc|bce', (call) => call.at(1) && `${call.at(1)} ${call.name.toUpperCase()}`],
  ['us$|usd|us dollar|دولار أمريكي', wrapped('US$')],
  ['gbp|£|pound', wrapped('£')],
  ['euro|eur|€|يورو', wrapped('€')],
  ['inr|inrconvert|indian rupee', wrapped('₹')],
  ['yen|jpy', wrapped('¥')],
  ['currency', (call) => `${call.get('currency') || call.at(2)} ${call.at(1)}`.trim()],

  // Quotations, verse, scripture.
  [
    'quote|blockquote|bquote|cquote|quotation|rquote|quote box|quotebox|pull quote|centered pull quote|اقتباس|إقتباس|اقتباس2|اقتباس مضمن|اقتباس خاص|مقولة|نص مقتبس|حديث|صندوق اقتباس',
    quotation,
  ],
  ['talkquote|qi|quote inline|\'"|اقتباس مباشر', (call) => call.at(1) && `"${call.at(1)}"`],
  ['poem quote|poemquote|poem|verse translation|قصيدة', quotation],
  ['بيت|بيت شعر|شعر|بيت شعري|شطر', verse],
  ['قرآن|آية|قرآن مصور|نص قرآني|اقتباس قرآني|قرآن كريم', (call) => call.at(1) && `﴿${last(call)}﴾`],

  // Signs.
  ['=|equals', says('=')],
  ['!|pipe', says('|')],
  ['(|((', says('(')],
  [')|))', says(')')],
  ['·|•|bull|bullet|dot|middot|pipe separator|·w', says(' · ')],
  ['snd|spnd|spaced ndash|spaced en dash|sndash|–', says(' – ')],
  ['mdash|em dash|emdash|spaced mdash', says('—')],
  ['ndash|en dash', says('–')],
  ['nbsp|space|spaces|sp|thinsp|thin space|hair space|hsp|zwsp|فراغ|مسافة', says(' ')],
  ["'s", says("'s")],
  ['ordf|º', says('º')],
  ['deg|degree|درجة', wrapped('', '°')],
  ['percent|%', says('%')],
  ['pi', says('π')],
  ['hbar', says('ħ')],
  ['infin|infinity', says('∞')],
  ['minus', says('−')],
  ['okay|yes|نعم', (call) => call.at(1) || (call.language === 'ar' ? 'نعم' : 'Yes')],
  ['no|لا', (call) => call.at(1) || (call.language === 'ar' ? 'لا' : 'No')],
  ['n/a|na|غير متاح', says('—')],
  ['won|nom|draw|dunno|partial|فوز|خسارة|تعادل', first],
  ['صلى الله عليه وسلم|صلعم|ص|محمد|صلى|ﷺ', (call) => call.at(1) || 'ﷺ'],
  ['عليه السلام|ع', (call) => call.at(1) || 'عليه السلام'],
  ['رضي الله عنه', says('رضي الله عنه')],
  ['رضي الله عنها', says('رضي الله عنها')],
  ['رضي الله عنهما', says('رضي الله عنهما')],
  ['رحمه الله', says('رحمه الله')],
  ['عز وجل', says('عز وجل')],
  ['هـ|هجري|ه', (call) => (call.at(1) ? `${call.at(1)} هـ` : 'هـ')],
  ['ميلادي', (call) => (call.at(1) ? `${call.at(1)} م` : 'م')],
  ['ق م|ق.م|قبل الميلاد', (call) => (call.at(1) ? `${call.at(1)} ق.م` : 'ق.م')],
  ['هـ/م|تاريخ هجري ميلادي', (call) => call.rest().join(' هـ / ')],
]

/** Chemical elements by the names of the templates that write their symbols. */
const ELEMENTS = `hydrogen H|helium He|lithium Li|boron B|carbon C|nitrogen N|oxygen O|fluorine F|neon Ne|sodium Na|magnesium Mg|
aluminium Al|silicon Si|phosphorus P|sulfur S|chlorine Cl|argon Ar|potassium K|calcium Ca|titanium Ti|chromium Cr|manganese Mn|iron Fe|
nickel Ni|copper Cu|zinc Zn|bromine Br|silver Ag|tin Sn|iodine I|gold Au|lead Pb|uranium U`

const CONTENT: ReadonlyMap<string, Handler> = contentTable()

function contentTable(): ReadonlyMap<string, Handler> {
  const table = new Map<string, Handler>()
  for (const [names, handler] of TABLE) for (const name of nameSet(names)) table.set(name, handler)
  for (const element of ELEMENTS.split('|')) {
    const [name = '', sign = ''] = element.trim().split(' ')
    table.set(name, says(sign))
  }
  for (const [code, names] of LANGUAGE_TEMPLATES)
    for (const name of nameSet(names)) table.set(name, bracketed(code))
  return table
}

/**
 * The handler for a template of this folded name, from the table or for the `lang-xx` family;
 * undefined if there is none.
 */
export function contentHandler(name: string): Handler | undefined {
  const handler = CONTENT.get(name)
  if (handler || !name.startsWith('lang-')) return handler
  const code = name.slice('lang-'.length)
  return (call) => labelled(code, call, call.at(1))
}
