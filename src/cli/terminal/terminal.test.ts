import { afterEach, describe, expect, it, vi } from 'vitest'
import { duration, isTerminal, paint, plain, size, table } from './terminal.ts'

const terminal = { isTTY: true } as NodeJS.WriteStream
const pipe = {} as NodeJS.WriteStream
afterEach(() => vi.unstubAllEnvs())

describe('a terminal', () => {
  it('gets colours unless NO_COLOR is set; a pipe never does', () => {
    vi.stubEnv('NO_COLOR', '')
    vi.stubEnv('TERM', 'xterm')
    expect(paint('red', 'x', terminal)).toBe('\u001B[31mx\u001B[0m')
    expect(paint('red', 'x', pipe)).toBe('x')
    vi.stubEnv('NO_COLOR', '1')
    expect(paint('red', 'x', terminal)).toBe('x')
    expect(isTerminal(terminal)).toBe(true)
    vi.stubEnv('TERM', 'dumb')
    expect(isTerminal(terminal)).toBe(false)
  })

  it('never gets control characters or direction overrides from a document', () => {
    expect(plain('نص\u001b]0;title\u0007\r\u202eevil\u2066\n\tok')).toBe(
      'نص\ufffd]0;title\ufffd\ufffd\ufffdevil\ufffd\n\tok',
    )
  })
})

describe('numbers', () => {
  it('are written with units for people', () => {
    expect([0, 999, 12_345, 1e9].map(size)).toEqual(['0 B', '999 B', '12.3 kB', '1.00 GB'])
    expect([4.21, 185, 7800].map(duration)).toEqual(['4.2 s', '3 min 05 s', '2 h 10 min'])
  })

  it('are right-aligned in tables, words left-aligned', () => {
    expect(
      table([
        ['a', '5', 'x'],
        ['bcd', '1,234', ''],
      ]),
    ).toBe('a        5  x\nbcd  1,234')
  })
})
