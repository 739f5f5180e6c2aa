import { defineCorpusFilter } from '../../src/core/filter.ts'
import { lazily } from '../../src/core/lazily.ts'
import { decide } from './decide.ts'
import { minhashOptions } from './options.ts'
import { sketchBytes, sketcher } from './sketch.ts'
import { REASONS } from './tasks/outcome.ts'

const VERSION = 1

/** Exact and near duplicates: every removal is verified against a document that is kept. */
export const minhash = defineCorpusFilter({
  name: 'minhash',
  version: VERSION,
  summary:
    'Removes exact and near duplicates, each verified by its shingles against a kept document.',
  options: minhashOptions,
  example: {},
  thresholds: [
    'threshold',
    'similarity',
    'scope',
    'bands',
    'rows',
    'maxComponent',
    'leaders',
    'alarmSourceShare',
    'alarmSurvivorShare',
  ],
  create(options) {
    const sketches = lazily(() => sketcher(options))
    return {
      reasons: REASONS,
      sketchBytes: sketchBytes(options),
      sketch: (batch, out) => sketches()(batch, out),
      decide: (store) => decide(store, options, VERSION),
    }
  },
})
