// From candidates to findings: first self-identifying ones (keys, addresses), then numbers in the
// gaps.
import type { Wanted } from '../../src/kernels/candidates/candidate-tables.ts'
import {
  type Candidates,
  COLON,
  FRAGMENT,
  MARK,
  NUMBER,
} from '../../src/kernels/candidates/candidates.ts'
import { digitBehind } from './cluster.ts'
import { EMAIL_FRAGMENTS, emailAt } from './email.ts'
import type { Finding, Passage } from './finding.ts'
import { ipv6At } from './ip-address.ts'
import { KEY_RULES, keyAtTilde } from './key.ts'
import { loginBefore } from './keys/login.ts'
import { numbersAt } from './number.ts'
import { SHORT_ID_RULES } from './short-id.ts'

const AT_SIGN = 0x40
const TILDE = 0x7e

/** Rules of one fragment each. */
const RULES = [...KEY_RULES, ...SHORT_ID_RULES]

/** `@`, `~`, clusters of digits, and fragments: of e-mail addresses, then one per rule. */
export const WANTED: Wanted = {
  marks: [AT_SIGN, TILDE],
  numbers: true,
  fragments: [
    ...EMAIL_FRAGMENTS.map((text) => ({ bytes: Buffer.from(text), anyCase: true })),
    ...RULES.map(({ fragment, anyCase }) => ({
      bytes: Buffer.from(fragment, 'latin1'),
      anyCase,
    })),
  ],
}

/**
 * Everything personal in a passage, in order, without overlaps. Its candidates are those numbered
 * `[first, last)`.
 */
export function findIn(
  passage: Passage,
  candidates: Candidates,
  first: number,
  last: number,
): Finding[] {
  const named = findNamed(passage, candidates, first, last)
  const found: Finding[] = []
  let next = 0
  let done = passage.start
  for (let i = first; i < last; i++) {
    let at = candidates.positions[i] ?? 0
    if (candidates.kinds[i] !== NUMBER || at < done) continue
    for (let before = named[next]; before && before.end <= at; before = named[++next])
      found.push(before)
    // A cluster may continue after findings and cover candidates, which then need no check of their
    // own.
    for (;;) {
      const barrier = named[next]
      const inside = barrier !== undefined && barrier.start <= at
      done = inside ? at : numbersAt({ ...passage, end: barrier?.start ?? passage.end }, at, found)
      if (barrier === undefined || done < barrier.start) break
      found.push(barrier)
      next++
      done = barrier.end
      const digit = digitBehind(passage, barrier.end)
      if (digit === undefined) break
      at = digit
    }
  }
  found.push(...named.slice(next))
  return found
}

function findNamed(
  passage: Passage,
  candidates: Candidates,
  first: number,
  last: number,
): Finding[] {
  const found: Finding[] = []
  for (let i = first; i < last; i++) {
    const kind = candidates.kinds[i] ?? NUMBER
    if (kind === NUMBER) continue
    const from = found.at(-1)?.end ?? passage.start
    const at = candidates.positions[i] ?? 0
    if (at < from) continue
    const finding = namedAt(passage, kind, at, from)
    if (finding) found.push(finding)
  }
  return found
}

function namedAt(passage: Passage, kind: number, at: number, from: number): Finding | undefined {
  if (kind === MARK) {
    if (passage.bytes[at] === TILDE) return keyAtTilde(passage, at, from)
    const login = loginBefore(passage, at, from)
    return login ? login.found : emailAt(passage, at, 1, from)
  }
  if (kind === COLON) return ipv6At(passage, at, from)
  const fragment = kind - FRAGMENT
  const email = EMAIL_FRAGMENTS[fragment]
  if (email !== undefined) return emailAt(passage, at, email.length, from)
  return RULES[fragment - EMAIL_FRAGMENTS.length]?.find(passage, at, from)
}
