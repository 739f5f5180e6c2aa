import { describe, expect, it } from 'vitest'
import { characterStart, excerpt } from './excerpt.ts'

const FAMILY = '👨‍👩‍👧‍👦'

describe('an excerpt', () => {
  it('is not cut inside a character with marks or joiners', () => {
    expect(characterStart('كَتَبَ', 1)).toBe(0)
    expect(characterStart('كَتَبَ', 2)).toBe(2)
    expect(characterStart(FAMILY.repeat(40), FAMILY.length * 20 + 4)).toBe(FAMILY.length * 20)
    expect(characterStart('e\u0301', 1)).toBe(0)
    expect(characterStart('ab', 9)).toBe(2)
  })

  it('says what is left out, and isolates the direction of the rest', () => {
    expect(excerpt('one two three', 4, 7)).toBe('…\u2068two\u2069…')
    expect(excerpt('هاتف ٠٥٠', 0, 99)).toBe('\u2068هاتف ٠٥٠\u2069')
  })

  it('shows control characters as such', () => {
    expect(excerpt('a\u001b[31m\u202eb', 0, 99)).toBe('\u2068a\ufffd[31m\ufffdb\u2069')
  })
})
