const twoDigits = (number: number): string => String(number).padStart(2, '0')
const MINUTES = Array.from(
  { length: 1440 },
  (_, at) => `${twoDigits(Math.floor(at / 60))}:${twoDigits(at % 60)}:`,
)
const SECONDS = Array.from({ length: 60 }, (_, at) => `${twoDigits(at)}.000Z`)

let day = Number.NaN
let date = ''

/**
 * Seconds since 1970 as an ISO 8601 time in UTC, in the format of `Date`. Much faster than `Date`
 * for times close to each other, as in dumps: the date is computed once for all times of a day.
 * Throws `RangeError` for times that `Date` cannot represent.
 */
export function isoTime(seconds: number): string {
  if (!Number.isInteger(seconds)) return new Date(seconds * 1000).toISOString()
  const today = Math.floor(seconds / 86_400)
  if (today !== day) {
    date = new Date(today * 86_400_000).toISOString().slice(0, -13)
    day = today
  }
  const second = seconds - today * 86_400
  return `${date}${MINUTES[Math.floor(second / 60)]}${SECONDS[second % 60]}`
}
