import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { TrainEvent } from '../core/train-events.ts'
import { watchRun } from './watch.ts'

let run: string
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'etl-watch-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(run, { recursive: true })
})

const stepEvent = (step: number): TrainEvent => ({
  ...{ v: 1, seq: step, t: 0, type: 'step', step, tokens: step * 100, loss: 4 - step / 10 },
  ...{ smoothed: null, gradNorm: 1, lr: 0.001, tokensPerSecond: 50, mfu: null },
  ...{ memoryBytes: 1e9, dataWaitMs: 0 },
})
const evalEvent = (step: number): TrainEvent => ({
  ...{ v: 1, seq: step, t: 0, type: 'eval', step, trainTokens: step * 100 },
  slices: ['ar', 'en'].map((slice) => ({
    slice,
    tokens: 9,
    loss: 2,
    perplexity: 7.4,
    bitsPerByte: 1.5,
  })),
})
const read = (name: string) => readFileSync(join(run, name), 'utf8').trimEnd().split('\n')
const fail = (message: string) => {
  throw new Error(message)
}

it('writes a row a step and a row a slice, and a resumed run repeats none', () => {
  const first = watchRun(run, () => undefined, fail)
  for (const step of [1, 2, 3, 4]) first(stepEvent(step))
  first(evalEvent(4))
  const second = watchRun(run, () => undefined, fail)
  for (const step of [3, 4, 5]) second(stepEvent(step))
  second(evalEvent(4))
  const [head, ...rows] = read('metrics.csv')
  expect(head).toMatch(/^step,tokens,loss,smoothed_loss,gradient_norm,learning_rate,/)
  expect(rows.map((row) => row.split(',')[0])).toEqual(['1', '2', '3', '4', '5'])
  expect(rows[1]).toBe('2,200,3.8,,1,0.001,50,,1000000000,0')
  expect(read('evaluations.csv').slice(1)).toEqual(['4,400,ar,2,7.4,1.5', '4,400,en,2,7.4,1.5'])
})

it('renews the report every few minutes, and stops nothing when it fails', () => {
  vi.useFakeTimers()
  const renew = vi.fn()
  const warn = vi.fn()
  const watch = watchRun(run, renew, warn)
  watch(stepEvent(1))
  vi.advanceTimersByTime(4 * 60_000)
  watch(stepEvent(2))
  watch(stepEvent(3))
  expect(renew).toHaveBeenCalledTimes(1)
  rmSync(join(run, 'metrics.csv'))
  mkdirSync(join(run, 'metrics.csv'))
  vi.advanceTimersByTime(4 * 60_000)
  for (const step of [4, 5]) watch(stepEvent(step))
  expect(warn).toHaveBeenCalledTimes(1)
  expect(renew).toHaveBeenCalledTimes(2)
})
