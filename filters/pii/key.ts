// Keys, tokens and passwords. Every rule starts from a fragment that the scanner finds; what the
// rules know stands in ./keys.

import type { Finding, Passage } from './finding.ts'
import { inWindow } from './finding.ts'
import { assignedAt, labelledAt } from './keys/assigned.ts'
import { kubernetesAt } from './keys/kubernetes.ts'
import { authorizationAt, basicAt, bearerAt, curlLoginAt } from './keys/login.ts'
import { ARABIC_PASSWORD, ARABIC_SECRET, type Kind, NAME_PARTS } from './keys/names.ts'
import { privateKeyAt } from './keys/private-key.ts'
import { BARE_SERVICES } from './keys/services.ts'
import { tokenFinder } from './keys/token.ts'
import { AZURE_SECRET, TOKENS } from './keys/tokens.ts'

/** A fragment of the scanner, and how to examine its surroundings. */
interface Rule {
  readonly fragment: string
  readonly anyCase: boolean
  find(passage: Passage, at: number, from: number): Finding | undefined
}

/** Every rule, one per fragment; a fragment's number is its index in this list. */
export const KEY_RULES: readonly Rule[] = [
  ...TOKENS.flatMap((rule) => {
    const find = tokenFinder(rule)
    return rule.starts.map((fragment) => ({ fragment, anyCase: false, find }))
  }),
  { fragment: 'PRIVATE KEY', anyCase: false, find: privateKeyAt },
  { fragment: 'bearer ', anyCase: true, find: bearerAt },
  { fragment: 'basic ', anyCase: true, find: basicAt },
  { fragment: 'authorization', anyCase: true, find: authorizationAt },
  ...['kind: secret', 'kind: "secret', "kind: 'secret"].map((fragment) => ({
    fragment,
    anyCase: true,
    find: kubernetesAt,
  })),
  { fragment: ' -u ', anyCase: false, find: curlLoginAt },
  { fragment: ' --user', anyCase: false, find: curlLoginAt },
  ...[...NAME_PARTS, ...BARE_SERVICES].map(named),
  ...ARABIC_PASSWORD.map((label) => labelled(label, 'password')),
  ...ARABIC_SECRET.map((label) => labelled(label, 'secret')),
]

const azureSecretAt = tokenFinder(AZURE_SECRET)
const Q = 0x51

/** The key around a `~`, a byte that the scanner marks. */
export const keyAtTilde = (passage: Passage, at: number, from: number): Finding | undefined =>
  passage.bytes[at - 1] === Q ? azureSecretAt(passage, at, from) : undefined

function named(part: string): Rule {
  return {
    fragment: part,
    anyCase: true,
    find: (passage, at, from) => assignedAt(passage, at, part.length, from),
  }
}

/** The scanner takes at most 16 bytes: the end of a longer label. */
function labelled(label: string, kind: Kind): Rule {
  const fragment = inWindow(label).slice(-16)
  return {
    fragment,
    anyCase: false,
    find: (passage, at) => labelledAt(passage, at + fragment.length, kind),
  }
}
