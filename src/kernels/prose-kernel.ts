import { kernelMemory } from './module.ts'
import { proseReference } from './prose.ts'

/** An interim version over the reference. */
export function placedProse(): (start: number, end: number) => { start: number; end: number } {
  const memory = kernelMemory()
  return (start, end) => {
    const copy = proseReference(memory.bytes.slice(start, end))
    const at = memory.lend(copy)
    return { start: at, end: at + copy.length }
  }
}
