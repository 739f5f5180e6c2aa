const counts = new Intl.NumberFormat('en-US')

/** `12,345`. */
export const formatCount = (value: number): string => counts.format(value)

/** Bytes with three digits and a decimal unit: `1.53 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toPrecision(value < 999.5 ? 3 : 4)} ${units[power]}`
}

/**
 * A share of a whole in per cent. A tiny share is not shown as nothing, an almost complete one not
 * as all.
 */
export function formatShare(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %'
  const percent = (100 * part) / whole
  if (percent < 0.1) return '< 0.1 %'
  if (part < whole && percent > 99.9) return '> 99.9 %'
  return `${Number(percent.toFixed(percent < 10 ? 1 : 0))} %`
}

/** A measured value: integers in full, others with four significant digits. */
export function formatValue(value: number | string): string {
  if (typeof value === 'string') return value
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(4)))
}

/** `1 document`, `2 documents`. */
export function counted(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`
}

const RIGHT_TO_LEFT = new Set([
  'ar',
  'arz',
  'ary',
  'azb',
  'ckb',
  'dv',
  'fa',
  'he',
  'mzn',
  'pnb',
  'ps',
  'sd',
  'ug',
  'ur',
  'yi',
])

/**
 * Writing direction of a language code. If the language is unknown, `auto` lets the first strong
 * letter decide.
 */
export function directionOf(lang: string): 'rtl' | 'ltr' | 'auto' {
  if (lang === '') return 'auto'
  return RIGHT_TO_LEFT.has(lang) ? 'rtl' : 'ltr'
}
