import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunEvent } from '../../engine/events.ts'
import { progressDisplay } from './progress.ts'

let written = ''
let now = 0
const tty = process.stderr.isTTY

beforeEach(() => {
  written = ''
  now = 0
  vi.stubEnv('NO_COLOR', '1')
  vi.stubEnv('TERM', 'xterm')
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const write = (text: unknown): boolean => {
    written += text
    return true
  }
  vi.spyOn(process.stderr, 'write').mockImplementation(write)
  vi.spyOn(process.stdout, 'write').mockImplementation(write)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.stderr.isTTY = tty
})

const progress: RunEvent = {
  type: 'progress',
  phase: 'stage',
  label: '',
  done: 25,
  total: 100,
  unit: 'bytes',
  documents: 1200,
  bytes: 40_000_000,
}

describe('progress', () => {
  it('is one line on a terminal, updated in place, with rate and remaining time', () => {
    process.stderr.isTTY = true
    const display = progressDisplay(false)
    display.onEvent({ type: 'phase', phase: 'stage' })
    written = ''
    now = 10_000
    display.onEvent(progress)
    const line = '25 % · 1,200 documents · 40.0 MB of text · 4.00 MB/s · about 30.0 s left'
    expect(written).toBe(`\r\u001B[2K         ${line}`.slice(0, 4 + (process.stderr.columns || 80)))
    display.end()
    expect(written.endsWith('\r\u001B[2K')).toBe(true)
  })

  it('is plain lines elsewhere, one every few seconds', () => {
    process.stderr.isTTY = false
    const display = progressDisplay(false)
    for (now = 0; now <= 20_000; now += 500) display.onEvent(progress)
    display.onEvent({ type: 'warning', message: 'dump.xml.bz2 is truncated' })
    expect(written).not.toContain('\u001B')
    expect(written.match(/25 %/g)?.length).toBe(3)
    expect(written).toContain('warning dump.xml.bz2 is truncated\n')
  })

  it('is one event per line with --json', () => {
    progressDisplay(true).onEvent(progress)
    expect(JSON.parse(written)).toEqual(progress)
  })
})
