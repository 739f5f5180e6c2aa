import { expect, it } from 'vitest'
import { EtlError } from '../../core/errors.ts'
import type { Filter } from '../../core/filter.ts'
import { newLedger } from '../segments/ledger.ts'
import { batchBuilder } from './batch-builder.ts'
import { runChain } from './chain.ts'

/** Runs a filter over two documents; it throws on the second one. */
function runOver(error: Error) {
  const builder = batchBuilder('test', 0, 1000)
  for (const text of ['the moon', 'القمر']) builder.add({ key: text, text, kind: 'prose' })
  const filter: Filter = {
    reasons: [],
    measures: {},
    measure({ text }) {
      if (Buffer.from(text.bytes).includes('القمر')) throw error
    },
    judge: () => undefined,
  }
  const steps = [{ name: 'moody', filter, measureKey: '', judgeKey: '' }]
  const ledger = newLedger(2, steps)
  return { ledger, ...runChain(steps, 0, builder.finish().rows, ledger, [0, 1]) }
}

it('drops a document whose measurement fails, and no other', () => {
  const { kept, dropped, ledger, failures } = runOver(new TypeError('no moon'))
  expect([kept.batch.rows, dropped.batch.rows]).toEqual([1, 1])
  expect(ledger.reason).toEqual(['', 'error:typeerror'])
  expect(failures).toEqual([{ id: 'test:القمر', error: 'TypeError: no moon' }])
})

it('blames no document for a broken installation', () => {
  const broken = new EtlError('kernel-unavailable', { what: 'no kernels' })
  expect(() => runOver(broken)).toThrow(broken)
})
