import { expect, it } from 'vitest'
import type { TrainEvent } from '../../index.ts'
import { progressText, sparkline } from './events.ts'

const step = (number: number, loss: number | null): TrainEvent & { type: 'step' } => ({
  ...{ v: 1, seq: number, t: 0, type: 'step', step: number, tokens: number * 100, loss },
  ...{ smoothed: null, gradNorm: 1, lr: 0.0003, tokensPerSecond: 50, mfu: 0.412 },
  ...{ memoryBytes: 2e9, dataWaitMs: 0 },
})

it('draws the loss of the run so far, and says how long the rest takes', () => {
  const show = progressText(1600)
  const lines = Array.from({ length: 8 }, (_, index) => show(step(index + 1, 8 - index)))
  expect(lines[0]).toBe(
    'step 1 · 6.3 % · loss 8.0000 · lr 0.00030 · 50 tok/s · MFU 41.2 % · 2.00 GB · about 30.0 s left',
  )
  expect(lines[7]).toContain('50.0 % · loss 1.0000 █▇▆▅▄▃▂▁ · ')
  expect(lines[7]).toContain('about 16.0 s left')
})

it('shows a step without a loss, as counting has, and one value as a level line', () => {
  expect(progressText(1000)(step(1, null))).not.toContain('loss')
  expect(sparkline([3, 3, 3])).toBe('▁▁▁')
})
