import { describe, expect, it } from 'vitest'
import { counted, directionOf, formatBytes, formatShare, formatValue } from './format.ts'

describe('numbers for people', () => {
  it('write bytes with three digits and a suitable unit', () => {
    const values = [0, 999, 1000, 12_345, 999_999, 1_500_000, 2_000_000_000, 7.3e15]
    expect(values.map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.00 kB',
      '12.3 kB',
      '1000 kB',
      '1.50 MB',
      '2.00 GB',
      '7300 TB',
    ])
  })

  it('never show a tiny share as nothing or a part as the whole', () => {
    expect(formatShare(1, 100_000)).toBe('< 0.1 %')
    expect(formatShare(99_999, 100_000)).toBe('> 99.9 %')
    expect([formatShare(0, 5), formatShare(5, 5), formatShare(1, 0), formatShare(1, 16)]).toEqual([
      '0 %',
      '100 %',
      '0 %',
      '6.3 %',
    ])
  })

  it('keep counts exact and round measurements to four digits', () => {
    expect([
      formatValue(1234567),
      formatValue(0.973144),
      formatValue('ar'),
      counted(1, 'file'),
    ]).toEqual(['1,234,567', '0.9731', 'ar', '1 file'])
  })

  it('know which languages are written from right to left', () => {
    expect(['ar', 'arz', 'fa', 'ur', 'he', 'en', 'python', ''].map(directionOf)).toEqual([
      ...['rtl', 'rtl', 'rtl', 'rtl', 'rtl'],
      ...['ltr', 'ltr', 'auto'],
    ])
  })
})
