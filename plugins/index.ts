import type { BackendComponent } from '../src/core/trainer.ts'
import type { Part } from '../src/setup/part.ts'
import { torchPart } from './torch/part.ts'

/**
 * Every training backend by name, loaded on first use. A test compares this list with the folders
 * next to this file.
 */
export const backends: Readonly<Record<string, () => Promise<BackendComponent>>> = {
  ngram: () => import('./ngram/index.ts').then((m) => m.ngram),
  torch: () => import('./torch/index.ts').then((m) => m.torch),
}

/** The parts that `etl setup` knows. */
export const parts: readonly Part[] = [torchPart]
