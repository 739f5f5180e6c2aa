// Telephone numbering plans: what can follow a country code.

/** National numbers of an Arab country, without country code and trunk prefix. */
interface Plan {
  readonly mobile: RegExp
  readonly fixed: RegExp
  /** Whether national numbers are written with a leading 0. */
  readonly trunk: boolean
}

const plan = (mobile: string, fixed: string, trunk = true): Plan => ({
  mobile: new RegExp(`^(?:${mobile})$`),
  fixed: new RegExp(`^(?:${fixed})$`),
  trunk,
})

/** By country code; after libphonenumber's metadata of July 2026, mobile and fixed lines only. */
export const ARAB_PLANS: Readonly<Record<string, Plan>> = {
  966: plan('5\\d{8}', '1[1-7]\\d{7}|9200\\d{5}'),
  971: plan('5[02-68]\\d{7}', '[2-4679][2-8]\\d{6}'),
  20: plan('1[0-25]\\d{8}', '2\\d{8}|[3-9]\\d{7,8}'),
  965: plan('[569]\\d{7}', '[12]\\d{7}', false),
  973: plan('[36]\\d{7}', '[17]\\d{7}', false),
  974: plan('[3-7]\\d{7}', '[24]\\d{7}', false),
  968: plan('[79]\\d{7}', '2\\d{7}', false),
  962: plan('7[789]\\d{7}', '[2-6]\\d{7}'),
  961: plan('3\\d{6}|7\\d{7}|81\\d{6}', '[14-9]\\d{6}'),
  963: plan('9\\d{8}', '[1-5]\\d{6,8}'),
  212: plan('[67]\\d{8}', '5\\d{8}'),
  213: plan('[567]\\d{8}', '[2-4]\\d{7}'),
  216: plan('[2459]\\d{7}', '[37]\\d{7}', false),
  218: plan('9[1-6]\\d{7}', '[2-7]\\d{7,8}'),
  964: plan('7[3-9]\\d{8}', '[1-6]\\d{6,8}'),
  970: plan('5[69]\\d{7}', '[2489]\\d{7}'),
  967: plan('7\\d{8}', '[1-7]\\d{6,7}'),
  249: plan('[19]\\d{8}', '1\\d{8}'),
  222: plan('[234]\\d{7}', '[24]\\d{7}', false),
}

/** Digits of a national number elsewhere, as [least, most], by country code. */
const LENGTHS: Readonly<Record<string, readonly [number, number]>> = {
  1: [10, 10],
  7: [10, 10],
  27: [9, 9],
  30: [10, 10],
  31: [9, 9],
  32: [8, 9],
  33: [9, 9],
  34: [9, 9],
  36: [8, 9],
  39: [8, 11],
  40: [9, 9],
  41: [9, 9],
  43: [7, 13],
  44: [9, 10],
  45: [8, 8],
  46: [7, 10],
  47: [8, 8],
  48: [9, 9],
  49: [7, 12],
  51: [8, 9],
  52: [10, 11],
  53: [8, 8],
  54: [10, 11],
  55: [10, 11],
  56: [9, 9],
  57: [8, 10],
  58: [10, 10],
  60: [8, 10],
  61: [9, 9],
  62: [8, 12],
  63: [8, 10],
  64: [8, 10],
  65: [8, 8],
  66: [8, 9],
  81: [9, 10],
  82: [8, 10],
  84: [9, 10],
  86: [10, 11],
  90: [10, 10],
  91: [10, 10],
  92: [9, 10],
  93: [9, 9],
  94: [9, 9],
  95: [7, 10],
  98: [10, 10],
}
/**
 * The other country codes that are assigned (ITU-T E.164, list of 2025) have three digits; their
 * national numbers are 6 to 10 long.
 */
const THREE_DIGITS =
  /^(?:21[1-368]|2[2-46]\d|25[0-8]|29[0178]|299|35\d|37\d|38[0-35-79]|42[013]|50\d|59\d|67[02-9]|68[0-35-9]|69[0-2]|85[02356]|88[06]|96[0-8]|97[0-7]|99[2-689])$/

/** Splits an international number after its `+`. Undefined if no country has such numbers. */
export function splitInternational(
  digits: string,
): { readonly code: string; readonly national: string } | undefined {
  for (const length of [1, 2, 3]) {
    const code = digits.slice(0, length)
    // `+966 (0)50…` includes the trunk prefix that callers from abroad omit.
    const national = digits.slice(length).replace(/^0(?=\d{8})/, '')
    const arab = ARAB_PLANS[code]
    if (arab)
      return arab.mobile.test(national) || arab.fixed.test(national)
        ? { code, national }
        : undefined
    const [least, most] =
      LENGTHS[code] ?? (length === 3 && THREE_DIGITS.test(code) ? [6, 10] : [1, 0])
    if (least <= national.length && national.length <= most) return { code, national }
    if (LENGTHS[code]) return undefined
  }
  return undefined
}

const plans = Object.values(ARAB_PLANS)
const trunkPlans = plans.filter(({ trunk }) => trunk)

/** Whether `0…` is a mobile number of an Arab country with its trunk prefix. */
export const isArabMobile = (digits: string): boolean =>
  digits[0] === '0' && trunkPlans.some(({ mobile }) => mobile.test(digits.slice(1)))

/**
 * Whether the digits are a mobile number of an Arab country with its country code, as messengers
 * write it.
 */
export function isArabInternational(digits: string): boolean {
  if (digits.length < 11) return false
  const code = ARAB_PLANS[digits.slice(0, 3)] ? 3 : 2
  return ARAB_PLANS[digits.slice(0, code)]?.mobile.test(digits.slice(code)) ?? false
}

/** Whether the digits are a North American number: area and exchange start with 2–9. */
export const isNorthAmerican = (digits: string): boolean => /^1?[2-9]\d{2}[2-9]\d{6}$/.test(digits)
