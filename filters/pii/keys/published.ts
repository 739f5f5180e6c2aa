import { crc32 } from './crc.ts'

/**
 * CRC-32 of keys of public pages and test suites, which open nothing: the exceptions of gitleaks'
 * rules for Google, generic and NuGet keys.
 */
const PUBLISHED: ReadonlySet<number> = new Set([
  0x2b6eff54, 0x3c178f9b, 0x6b66e8a8, 0xafe8ff3e, 0x3c5d7fda, 0x08394327, 0xfbc47221, 0x6a4f7820,
  0x3627aa84, 0x202f468f, 0x1f358cbe, 0x6b9463f8, 0x94bb94f9, 0x6159ac90, 0xffddd189, 0x5c298136,
  0xb0ff4b4b, 0x0ba59aba, 0x091a9dc7, 0xdc2359b6, 0x7aa120d5, 0x6b6cbffe,
])

/** Whether a key, given as Latin-1, stands on a public page for all to try. */
export const isPublished = (key: string): boolean => PUBLISHED.has(crc32(key))
