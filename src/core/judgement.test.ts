import { describe, expect, it } from 'vitest'
import type { MeasuredRow } from './filter.ts'
import { among, atLeast, atMost, judgedBy, notAmong } from './judgement.ts'

const row: MeasuredRow = { kind: 'prose', lang: '', values: { words: 12, script: 'ar+en' } }
const words = { reason: 'words', measure: 'words', value: 12 }
const script = { reason: 'script', measure: 'script', value: 'ar+en' }

describe('a judgement', () => {
  it('lets a number pass that equals the limit', () => {
    expect(atLeast({ ...words, limit: 12 }).passed).toBe(true)
    expect(atLeast({ ...words, limit: 13 }).passed).toBe(false)
    expect(atMost({ ...words, limit: 12 }).passed).toBe(true)
    expect(atMost({ ...words, limit: 11 }).passed).toBe(false)
  })

  it('looks at every name of a label', () => {
    expect(among({ ...script, limit: ['ar', 'en', 'fr'] }).passed).toBe(true)
    expect(among({ ...script, limit: ['ar'] }).passed).toBe(false)
    expect(notAmong({ ...script, limit: ['fr'] }).passed).toBe(true)
    expect(notAmong({ ...script, limit: ['en'] }).passed).toBe(false)
    expect(notAmong({ ...script, limit: ['a'] }).passed).toBe(true)
  })

  it('drops a row only if it fails, and the first that fails gives the reason', () => {
    const fails = (reason: string) => atMost({ ...words, reason, limit: 0 })
    const passes = atLeast({ ...words, limit: 1 })
    expect(judgedBy(() => []).judge(row)).toBe(undefined)
    expect(judgedBy(() => [passes]).judge(row)).toBe(undefined)
    expect(judgedBy(() => [passes, fails('first'), fails('second')]).judge(row)).toBe('first')
  })
})
