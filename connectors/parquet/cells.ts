import { isUtf8 } from 'node:buffer'
import type { Json } from '../../src/core/document.ts'
import { wellFormed } from '../../src/text/json-fields.ts'
import type { RowFields } from '../../src/text/rows/mapping.ts'

/** The cells of one row, in the form that the field mapping reads. */
export function cellFields(values: Readonly<Record<string, unknown>>): RowFields {
  return {
    text(name) {
      const value = values[name]
      if (value instanceof Uint8Array) return isUtf8(value) ? value : undefined
      return typeof value === 'string' ? wellFormed(value) : undefined
    },
    value: (name) => jsonOf(values[name]),
    word(name) {
      const value = values[name]
      if (typeof value === 'bigint' || typeof value === 'number') return String(value)
      const json = jsonOf(value)
      return typeof json === 'string' ? wellFormed(json) : undefined
    },
  }
}

/**
 * A cell as JSON. Integers above 2^53 become strings of digits, times become ISO 8601, and UTF-8
 * bytes become text. NaN, infinities, invalid times, other bytes and missing values become null.
 */
export function jsonOf(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value !== 'object' || value === null) return null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return isUtf8(value) ? Buffer.from(value).toString() : null
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value as ArrayLike<unknown>, jsonOf)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonOf(inner)]))
}
