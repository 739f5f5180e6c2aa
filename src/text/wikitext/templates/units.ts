import type { Call } from './call.ts'

/** Units as Arabic articles write them. In English the symbols stay, except for the codes below. */
const ARABIC =
  unitNames(`km كم|m م|cm سم|mm مم|um ميكرومتر|nm نانومتر|mi ميل|yd ياردة|ft قدم|in بوصة|nmi ميل بحري
  km2 كم²|m2 م²|cm2 سم²|ha هكتار|acre فدان|acres فدان|sqmi ميل مربع|mi2 ميل مربع|sqft قدم مربعة|ft2 قدم مربعة|sqkm كم²|sqm م²
  km3 كم³|m3 م³|cm3 سم³|l لتر|litre لتر|ml مل|gal غالون|usgal غالون أمريكي|impgal غالون إمبراطوري|cuft قدم مكعبة
  kg كغ|g غ|mg مغ|t طن|tonne طن|lb رطل|oz أونصة|st ستون|c °م|°c °م|f °ف|°f °ف|k كلفن
  km/h كم/س|kph كم/س|mph ميل/س|m/s م/ث|kn عقدة|knot عقدة|knots عقدة|ft/s قدم/ث
  kw كيلوواط|mw ميغاواط|gw غيغاواط|w واط|hp حصان|kwh كيلوواط ساعة|j جول|kj كيلوجول|pa باسكال|kpa كيلوباسكال|mpa ميغاباسكال|bar بار|atm ض.ج
  ly سنة ضوئية|pc فرسخ فلكي|kpc كيلوفرسخ فلكي|mpc ميغافرسخ فلكي|au وحدة فلكية|s ث|min دقيقة|h ساعة|hz هرتز|mhz ميغاهرتز|ghz غيغاهرتز`)

const ENGLISH =
  unitNames(`km2 km²|m2 m²|cm2 cm²|mm2 mm²|sqkm km²|sqm m²|mi2 sq mi|sqmi sq mi|ft2 sq ft|sqft sq ft|km3 km³|m3 m³|cm3 cm³|cuft cu ft
  c °C|°c °C|f °F|°f °F|kph km/h|um μm|usgal US gal|impgal imp gal|lbs lb|foot ft|feet ft|inch in|inches in|mile mi|miles mi|metre m|meter m|metres m|meters m`)

function unitNames(list: string): ReadonlyMap<string, string> {
  return new Map(
    list.split(/[|\n]/).map((entry) => {
      const [code = '', ...name] = entry.trim().split(' ')
      return [code, name.join(' ')] as const
    }),
  )
}

/** What `e3`, `e6` … before a unit of `{{convert}}` stand for. */
const POWERS: ReadonlyMap<string, { readonly en: string; readonly ar: string }> = new Map([
  ['3', { en: 'thousand', ar: 'ألف' }],
  ['6', { en: 'million', ar: 'مليون' }],
  ['9', { en: 'billion', ar: 'مليار' }],
  ['12', { en: 'trillion', ar: 'تريليون' }],
])

function unitName(unit: string, language: 'ar' | 'en'): string {
  const [, power = '', base = ''] = /^e(3|6|9|12)(\D.*)$/.exec(unit) ?? []
  const many = POWERS.get(power)
  if (many) return `${many[language]} ${unitName(base, language)}`
  const key = unit.toLowerCase()
  return (language === 'ar' ? ARABIC.get(key) : ENGLISH.get(key)) ?? unit
}

/** What `{{convert}}` writes between two values for its range words. */
const RANGES = new Map<string, { readonly en: string; readonly ar: string }>(
  Object.entries({
    '-': { en: '–', ar: '–' },
    '–': { en: '–', ar: '–' },
    to: { en: ' to ', ar: ' إلى ' },
    'to(-)': { en: ' to ', ar: ' إلى ' },
    and: { en: ' and ', ar: ' و' },
    or: { en: ' or ', ar: ' أو ' },
    by: { en: ' by ', ar: ' في ' },
    x: { en: ' × ', ar: ' × ' },
    '×': { en: ' × ', ar: ' × ' },
    '+/-': { en: ' ± ', ar: ' ± ' },
    '±': { en: ' ± ', ar: ' ± ' },
  }),
)

const NUMBER = /^[-−+]?[\d٠-٩][\d٠-٩.,٫٬/⁄e+-]*$/i

/**
 * `{{convert|5|to|10|km|mi}}`: the given values with their unit. Converted values are dropped: they
 * are arithmetic, not content.
 */
export function quantity(call: Call): string {
  const { language } = call
  const first = call.at(1)
  if (first === '') return ''
  let value = first
  let position = 2
  for (
    let range = RANGES.get(call.at(position));
    range && NUMBER.test(call.at(position + 1));
    range = RANGES.get(call.at(position))
  ) {
    value += range[language] + call.at(position + 1)
    position += 2
  }
  const unit = call.at(position)
  if (unit === '') return value

  const whole = `${value} ${unitName(unit, language)}`
  // Feet and inches: a smaller unit of the same quantity follows as another value.
  const smaller = call.at(position + 2)
  const continues = NUMBER.test(call.at(position + 1)) && /^(?:in|oz|lb)$/.test(smaller)
  return continues ? `${whole} ${call.at(position + 1)} ${unitName(smaller, language)}` : whole
}

/** `{{val|1.23|0.05|e=6|u=km}}`: value, uncertainty, power of ten, unit. */
export function measured(call: Call): string {
  const error = call.at(2)
  const power = call.get('e')
  const value = call.at(1) + (error ? (error.startsWith('(') ? error : `±${error}`) : '')
  const unit = call.get('u', 'ul', 'up', 'upl')
  return `${value}${power ? `×10^${power}` : ''}${unit ? ` ${unitName(unit, call.language)}` : ''}`
}
