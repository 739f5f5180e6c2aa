// E-mail addresses: name@host.tld, name%40host.tld, name (at) host (dot) tld.
import { type Finding, MARK, type Passage, windowOf } from './finding.ts'

/** Fragments that the scanner looks for besides `@`. */
export const EMAIL_FRAGMENTS = ['%40', '&#64;', '[at]', '(at)', '{at}', '[ at ]', '( at )'] as const

/** RFC 5321 allows 64 bytes before the `@` and 255 after it; marks may be added. */
const LOCAL_BYTES = 80
const HOST_BYTES = 270

const SPACED_LOCAL = /[A-Za-z0-9._%+-]+ {0,2}$/
const HOST = new RegExp(
  `^${MARK}{0,4}(?:[A-Za-z0-9-]{1,63}${MARK}{0,4}\\.${MARK}{0,4}){1,8}([A-Za-z]{2,24})(?![A-Za-z0-9_])`,
)
const SPELLED_HOST =
  /^ {0,2}(?:[A-Za-z0-9-]{1,63}(?:\.| {0,2}[[({] {0,1}dot {0,1}[\])}] {0,2})){1,8}([A-Za-z]{2,24})(?![A-Za-z0-9_])/i

/** Names reserved for documentation and tests (RFC 2606, RFC 6761): nobody's address. */
const RESERVED_HOST =
  /(?:^|\.)(?:example\.(?:com|org|net)|[a-z0-9-]+\.(?:example|test|invalid|localhost))$/i
/** Mailboxes that nobody reads, or that name a service: `git@github.com:owner/repo`. */
const IMPERSONAL = /^(?:no-?reply|do-?not-?reply|git)$/i
/** `icon@2x.png` and the like. */
const FILE_ENDING =
  /^(?:png|jpe?g|gif|svg|webp|ico|css|js|mjs|ts|tsx|jsx|json|html?|py|java|rb|md|txt|xml|pdf)$/i
/** In code `a@b.c` is mostly an operator or an annotation, so its ending must be a common one. */
const COMMON_ENDING =
  /^(?:com|org|net|edu|gov|mil|int|info|biz|dev|app|io|ai|co|me|eu|uk|de|fr|nl|it|es|pt|be|ch|at|se|no|dk|fi|pl|cz|ru|ua|tr|gr|il|in|pk|ir|cn|jp|kr|tw|hk|sg|my|id|vn|th|au|nz|ca|us|br|mx|ar|cl|za|ng|ke|sa|ae|eg|kw|qa|bh|om|jo|lb|sy|iq|ye|ma|dz|tn|ly|sd|ps|mr)$/i

const local = new Uint8Array(256)
for (const byte of Buffer.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-',
))
  local[byte] = 1

/** Start of the name that ends at `at`; it may contain marks. */
function localStart(bytes: Uint8Array, at: number, least: number): number {
  let start = at
  while (start > least) {
    if (local[bytes[start - 1] ?? 0] === 1) start--
    else if (start - 3 >= least && isMark(bytes[start - 3], bytes[start - 2], bytes[start - 1]))
      start -= 3
    else if (start - 2 >= least && bytes[start - 2] === 0xd8 && bytes[start - 1] === 0x9c)
      start -= 2
    else break
  }
  return start
}

/** The marks of three bytes that `MARK` matches. */
function isMark(lead = 0, next = 0, last = 0): boolean {
  if (lead === 0xef) return next === 0xbb && last === 0xbf
  if (lead !== 0xe2) return false
  if (next === 0x81) return last >= 0xa0 && last <= 0xa9
  return next === 0x80 && ((last >= 0x8b && last <= 0x8f) || (last >= 0xaa && last <= 0xae))
}

const label = new Uint8Array(256)
for (const byte of Buffer.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-'))
  label[byte] = 1

/** Whether a name and then a dot or a mark follow. Most `@` belong to a handle or a package. */
function mayBeHost({ bytes, end }: Passage, start: number): boolean {
  let at = start
  while (at < end && label[bytes[at] ?? 0] === 1) at++
  const behind = at < end ? (bytes[at] ?? 0) : 0
  if (behind === 0x2e) return at > start && at - start <= 63
  // Marks begin with one of these bytes; for some the pattern must decide.
  return behind === 0xe2 || behind === 0xef || behind === 0xd8
}

/** The address around an `@` (1 byte) or one of the fragments (`length` bytes) at `at`. */
export function emailAt(
  passage: Passage,
  at: number,
  length: number,
  from: number,
): Finding | undefined {
  const spelled = length > 3 && passage.bytes[at] !== 0x26
  const before = passage.bytes[at - 1] ?? 0
  if (at === from || !(local[before] === 1 || before >= 0x80 || (spelled && before === 0x20)))
    return undefined
  if (!spelled && !mayBeHost(passage, at + length)) return undefined
  const least = Math.max(from, at - LOCAL_BYTES)
  const name = spelled
    ? SPACED_LOCAL.exec(windowOf(passage, least, at))?.[0]
    : windowOf(passage, localStart(passage.bytes, at, least), at)
  if (name === undefined || name === '') return undefined
  const right = windowOf(passage, at + length, at + length + HOST_BYTES)
  const host = (spelled ? SPELLED_HOST : HOST).exec(right)
  if (host === null) return undefined
  const trimmed = trimName(name)
  if (!isAddress(trimmed, host[0], host[1] ?? '', passage.strict)) return undefined
  return { start: at - trimmed.length, end: at + length + host[0].length, type: 'email' }
}

/** A name without the signs and marks before it. */
export const trimName = (name: string): string => name.replace(/^(?:[.%+-]|[^\x20-\x7e])+/, '')

/** Whether the address can reach a person: it is no file, no service and no example. */
export function isAddress(name: string, host: string, ending: string, strict: boolean): boolean {
  if (
    FILE_ENDING.test(ending) ||
    (strict && !COMMON_ENDING.test(ending)) ||
    !/[A-Za-z0-9]/.test(name)
  )
    return false
  const bare = (text: string): string => text.replace(/[^\x21-\x7e]/g, '')
  return !IMPERSONAL.test(bare(name)) && !RESERVED_HOST.test(bare(host))
}
