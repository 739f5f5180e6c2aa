import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrated, type Scores } from './calibrate.ts'

const plain: Scores = {
  score: 0.85,
  runnerUp: 0.02,
  letters: 200,
  evidence: { words: 40, hits: 16, odd: 0, nameBytes: 0 },
  foreignShare: 0,
}
const share = fc.double({ min: 0, max: 1, noNaN: true })
const scores = fc.record({
  score: share,
  runnerUp: share,
  letters: fc.nat(5000),
  evidence: fc.nat(100).chain((words) =>
    fc.record({
      words: fc.constant(words),
      hits: fc.nat(words),
      odd: fc.nat(words),
      nameBytes: fc.constant(0),
    }),
  ),
  foreignShare: share,
})
const language = fc.constantFrom('en', 'ar', 'fr')

describe('the calibrated probability', () => {
  it('is certain of plain sentences that the bare score doubts, in English and Arabic', () => {
    expect(calibrated('en', plain)).toBeGreaterThan(0.99)
    expect(calibrated('ar', plain)).toBeGreaterThan(0.95)
  })

  it('is not certain without function words', () => {
    const names = { ...plain, letters: 20, evidence: { ...plain.evidence, words: 6, hits: 0 } }
    expect(calibrated('en', names)).toBeLessThan(0.95)
  })

  it('is a probability for any scores', () => {
    fc.assert(
      fc.property(language, scores, (of, any) => {
        const probability = calibrated(of, any)
        expect(probability).toBeGreaterThanOrEqual(0)
        expect(probability).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('never falls when a word turns out to be a function word', () => {
    fc.assert(
      fc.property(language, scores, (of, any) => {
        const { evidence } = any
        fc.pre(evidence.hits < evidence.words)
        const more = { ...any, evidence: { ...evidence, hits: evidence.hits + 1 } }
        expect(calibrated(of, more)).toBeGreaterThanOrEqual(calibrated(of, any))
      }),
    )
  })

  it('falls with letters of neighbours in Arabic', () => {
    const foreign = calibrated('ar', { ...plain, foreignShare: 0.05 })
    expect(foreign).toBeLessThan(calibrated('ar', plain))
  })
})
