import type { Call } from './call.ts'

const MONTHS = {
  en: 'January February March April May June July August September October November December'.split(
    ' ',
  ),
  ar: 'يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر'.split(' '),
} as const

/** Year, month and day as far as they are given: "14 March 1879", "مارس 1879", "1879". */
function writeDate(call: Call, year: string, month: string, day: string): string {
  if (!/^\d{1,2}$/.test(month)) return [day, month, year].filter(Boolean).join(' ')
  const name = MONTHS[call.language][Number(month) - 1] ?? month
  return [/^\d{1,2}$/.test(day) ? String(Number(day)) : '', name, year].filter(Boolean).join(' ')
}

/**
 * `{{birth date|1879|3|14}}` and similar: the first date given. A single argument is a date in
 * words.
 */
export function dateFrom(call: Call): string {
  return writeDate(call, call.at(1), call.at(2), call.at(3))
}

/** Templates that write day, month, year in this order. */
export function dayFirst(call: Call): string {
  return call.count >= 3 && /^\d{3,4}$/.test(call.at(3))
    ? writeDate(call, call.at(3), call.at(2), call.at(1))
    : dateFrom(call)
}

/** `{{as of|2009|4}}`: "As of April 2009". */
export function asOf(call: Call): string {
  const date = dateFrom(call)
  if (date === '') return ''
  if (call.language === 'ar') return `اعتبارًا من ${date}`
  return `${call.get('lc') ? 'as of' : 'As of'} ${date}`
}

/** `{{dts|2001|Jan|5}}`, a sortable date: as written. */
export function sortableDate(call: Call): string {
  return call.count === 1 ? call.at(1) : dateFrom(call)
}
