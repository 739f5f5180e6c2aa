import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineConnector } from '../../core/connector.ts'
import { defineFilter } from '../../core/filter.ts'
import { validateManifest } from './check.ts'
import { openPlan } from './open-plan.ts'

const nothing = defineConnector({
  name: 'nothing',
  version: 1,
  summary: 'Reads nothing.',
  options: z.strictObject({}),
  example: {},
  create: () => ({ async *partitions() {}, async *read() {} }),
})

/** The plan of a manifest whose filter depends on files with these hashes. */
async function planWith(fileHashes: readonly string[] | undefined) {
  const listed = defineFilter({
    name: 'listed',
    version: 1,
    summary: 'Reads a list.',
    options: z.strictObject({ limit: z.number().default(1).describe('Limit.') }),
    example: {},
    thresholds: ['limit'],
    create: () => ({
      reasons: [],
      measures: {},
      measure: () => undefined,
      judge: () => undefined,
      ...(fileHashes && { fileHashes }),
    }),
  })
  const registry = {
    connectors: { nothing: async () => nothing },
    filters: { listed: async () => listed },
  }
  const manifest = {
    name: 'corpus',
    output: 'out',
    sources: [{ name: 'source', type: 'nothing' }],
    filters: [{ type: 'listed' }],
  }
  const validation = await validateManifest(manifest, '/data/manifest.json', registry as never)
  if ('problems' in validation) throw new Error(JSON.stringify(validation.problems))
  const plan = await openPlan(validation.manifest)
  const [step] = plan.sources[0]?.steps ?? []
  return [plan.fingerprint, step?.measureKey, step?.judgeKey]
}

describe('fingerprints', () => {
  it('change with the files that a filter reads', async () => {
    const [none, before, after] = await Promise.all([undefined, ['a'], ['b']].map(planWith))
    for (const index of [0, 1, 2]) {
      expect(new Set([none?.[index], before?.[index], after?.[index]]).size).toBe(3)
    }
    expect(await planWith(['a'])).toEqual(before)
  })

  it('of filters without files do not depend on there being such a thing', async () => {
    expect(await planWith([])).toEqual(await planWith(undefined))
  })
})
