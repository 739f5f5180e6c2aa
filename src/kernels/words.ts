// White-space separated words of UTF-8 text. The kernel is assembly/words.ts.
import { kernelFunctions, kernelMemory } from './module.ts'

/** Runs of bytes above U+0020. */
export function countWordsReference(text: Uint8Array): number {
  let words = 0
  let inside = 0
  for (let at = 0; at < text.length; at++) {
    const visible = text[at]! > 0x20 ? 1 : 0
    words += visible & ~inside
    inside = visible
  }
  return words
}

interface Functions {
  countWords(text: number, end: number): number
}

/** The kernel behind `countWordsReference`. */
export function countWords(text: Uint8Array): number {
  const memory = kernelMemory()
  return memory.scope(() => {
    const start = memory.lend(text)
    return kernelFunctions<Functions>('countWords').countWords(start, start + text.length)
  })
}
