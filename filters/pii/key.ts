// Keys, tokens and passwords. Every rule starts from a fragment that the scanner finds. The formats
// are those of the issuers.
import { type Finding, inWindow, type Passage, windowOf } from './finding.ts'

export interface TokenRule {
  /** Fragment that the scanner finds, `back` bytes after the start of the token. */
  readonly fragments: readonly string[]
  readonly back?: number
  /** Matched at the start of the token; the secret is its first group, or all of it. */
  readonly pattern: RegExp
  /** Whether the token may follow any character. */
  readonly inside?: boolean
  /** Whether the secret must also look random. */
  readonly random?: boolean
}

/** Keys whose format identifies their issuer. */
export const TOKENS: readonly TokenRule[] = [
  {
    fragments: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: /^A(?:KI|SI|BI|CC)A[A-Z2-7]{16}(?![A-Za-z0-9])/,
  },
  {
    fragments: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    pattern: /^gh[pousr]_[A-Za-z0-9]{36,255}/,
  },
  { fragments: ['github_pat_'], pattern: /^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/ },
  { fragments: ['glpat-'], pattern: /^glpat-[\w-]{20,}/ },
  {
    fragments: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-'],
    pattern: /^xox[abeprs]-[A-Za-z0-9-]{10,}/,
  },
  { fragments: ['xapp-'], pattern: /^xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{20,}/ },
  {
    fragments: ['.slack.com/servi'],
    pattern: /^\.slack\.com\/services\/(T\w{7,}\/B\w{7,}\/\w{16,})/,
    inside: true,
  },
  {
    fragments: ['/api/webhooks/'],
    pattern: /^\/api\/webhooks\/\d{17,20}\/([\w-]{60,80})/,
    inside: true,
  },
  { fragments: [':AA'], pattern: /^:(AA[\w-]{33})(?![\w-])/, inside: true },
  { fragments: ['AIza'], pattern: /^AIza[\w-]{35}(?![\w-])/ },
  { fragments: ['ya29.'], pattern: /^ya29\.[\w-]{20,}/ },
  { fragments: ['GOCSPX-'], pattern: /^GOCSPX-[\w-]{28}/ },
  { fragments: ['k_live_', 'k_test_'], back: 1, pattern: /^[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/ },
  { fragments: ['whsec_'], pattern: /^whsec_[A-Za-z0-9+/]{24,}/ },
  { fragments: ['npm_'], pattern: /^npm_[A-Za-z0-9]{36}(?!\w)/ },
  { fragments: ['pypi-AgE'], pattern: /^pypi-AgE[\w-]{50,}/ },
  { fragments: ['eyJ'], pattern: /^eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]+)?/ },
  { fragments: ['SG.'], pattern: /^SG\.[\w-]{16,32}\.[\w-]{16,64}/ },
  { fragments: ['sk-'], pattern: /^sk-[\w-]{20,}/, random: true },
  { fragments: ['hf_'], pattern: /^hf_[A-Za-z]{34}(?!\w)/ },
  { fragments: ['dop_v1_', 'doo_v1_', 'dor_v1_'], pattern: /^do[opr]_v1_[a-f0-9]{64}/ },
  {
    fragments: ['shpat_', 'shpss_', 'shpca_', 'shppa_'],
    pattern: /^shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}/,
  },
  { fragments: ['AGE-SECRET-KEY-1'], pattern: /^AGE-SECRET-KEY-1[0-9A-Z]{58}/ },
  { fragments: ['hvs.'], pattern: /^hvs\.[\w-]{24,}/ },
  { fragments: ['dapi'], pattern: /^dapi[a-f0-9]{32}(?!\w)/ },
  { fragments: ['ATATT3'], pattern: /^ATATT3[\w=-]{60,}/ },
  { fragments: ['PMAK-'], pattern: /^PMAK-[a-f0-9]{24}-[a-f0-9]{34}/ },
  { fragments: ['NRAK-'], pattern: /^NRAK-[A-Z0-9]{27}/ },
  { fragments: ['glsa_'], pattern: /^glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}/ },
  { fragments: ['dckr_pat_'], pattern: /^dckr_pat_[\w-]{27}/ },
  { fragments: ['sq0atp-', 'sq0csp-'], pattern: /^sq0(?:atp|csp)-[\w-]{22,43}/ },
  { fragments: ['LTAI'], pattern: /^LTAI[A-Za-z0-9]{12,26}(?![\w-])/, random: true },
]

export const PASSWORD_WORDS = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'كلمة المرور',
  'كلمة السر',
  'الرقم السري',
]
export const SECRET_WORDS = [
  ...['secret', 'token', 'api_key', 'apikey', 'api-key', 'access_key', 'accesskey', 'access-key'],
  ...['account_key', 'accountkey', 'private_key', 'privatekey', 'auth_key', 'authkey'],
]

/** A fragment of the scanner, and how to examine its surroundings. */
interface Rule {
  readonly fragment: string
  readonly anyCase: boolean
  find(passage: Passage, at: number, from: number): Finding | undefined
}

/** Every rule, one per fragment; a fragment's number is its index in this list. */
export const KEY_RULES: readonly Rule[] = [
  ...TOKENS.flatMap((rule) =>
    rule.fragments.map((fragment) => ({
      fragment,
      anyCase: false,
      find: (passage: Passage, at: number, from: number) =>
        token(rule, passage, at - (rule.back ?? 0), from),
    })),
  ),
  { fragment: 'PRIVATE KEY', anyCase: false, find: privateKey },
  { fragment: 'bearer ', anyCase: true, find: bearer },
  { fragment: 'basic ', anyCase: true, find: basicLogin },
  ...PASSWORD_WORDS.map((word) => assigned(word, isPassword)),
  ...SECRET_WORDS.map((word) => assigned(word, isSecret)),
]

const tokenByte = new Uint8Array(256)
for (const byte of Buffer.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.'))
  tokenByte[byte] = 1
/** Longer than any token here; JSON Web Tokens with large claims are the longest. */
const TOKEN_BYTES = 8192

function token(
  rule: TokenRule,
  passage: Passage,
  start: number,
  from: number,
): Finding | undefined {
  const { bytes } = passage
  if (start < from) return undefined
  // A token never starts inside a word; this also keeps hostile repetitions linear.
  if (!rule.inside && start > from && tokenByte[bytes[start - 1] ?? 0] === 1) return undefined
  let end = start
  const limit = Math.min(passage.end, start + (rule.inside ? 160 : TOKEN_BYTES))
  if (rule.inside) end = limit
  else while (end < limit && tokenByte[bytes[end] ?? 0] === 1) end++
  const match = rule.pattern.exec(windowOf(passage, start, end))
  if (match === null) return undefined
  const secret = match[1] ?? match[0]
  if (!isToken(rule, secret)) return undefined
  const offset = match[1] === undefined ? 0 : match[0].length - secret.length
  return { start: start + offset, end: start + offset + secret.length, type: 'key' }
}

/** Whether a match of a rule is more than an example. */
export const isToken = ({ random }: TokenRule, secret: string): boolean =>
  !/EXAMPLE$/.test(secret) && (!random || looksRandom(secret))

const bodyByte = new Uint8Array(256)
for (const byte of Buffer.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=\\\r\n\t "\',.:;()<>|#*',
)) {
  bodyByte[byte] = 1
}
const KEY_BODY = { min: 40, max: 32_768 }

/** From `-----BEGIN … PRIVATE KEY-----` to its end line, or to the end of the key. */
function privateKey(passage: Passage, at: number, from: number): Finding | undefined {
  const head = /-----BEGIN [A-Z0-9 ]{0,30}$/.exec(windowOf(passage, Math.max(from, at - 42), at))
  const tail = /^PRIVATE KEY(?: BLOCK)?-----/.exec(windowOf(passage, at, at + 24))
  if (head === null || tail === null) return undefined
  const body = at + tail[0].length
  const limit = Math.min(passage.end, body + KEY_BODY.max)
  let end = body
  // Encrypted keys have headers with single hyphens in them.
  while (
    end < limit &&
    (bodyByte[passage.bytes[end] ?? 0] === 1 || isSingleHyphen(passage.bytes, end))
  )
    end++
  if (end - body < KEY_BODY.min) return undefined
  const last = /^-----END [A-Z0-9 ]{0,42}-----/.exec(windowOf(passage, end, end + 60))
  return { start: at - head[0].length, end: end + (last?.[0].length ?? 0), type: 'key' }
}

const isSingleHyphen = (bytes: Buffer, at: number): boolean =>
  bytes[at] === 0x2d && bytes[at + 1] !== 0x2d

function bearer(passage: Passage, at: number): Finding | undefined {
  const match = /^.{7}([\w.~+/-]{16,2000}={0,2})/s.exec(windowOf(passage, at, at + 2048))
  if (!match?.[1] || !looksRandom(match[1])) return undefined
  return { start: at + 7, end: at + 7 + match[1].length, type: 'key' }
}

/** Whether Base64 holds `user:password`. */
export const isLogin = (text: string): boolean =>
  /^[\x20-\x7e]+:[\x20-\x7e]+$/.test(Buffer.from(text, 'base64').toString('latin1'))

/** HTTP basic authentication: Base64 of `user:password`. */
function basicLogin(passage: Passage, at: number): Finding | undefined {
  const match = /^.{6}([A-Za-z0-9+/]{8,200}={0,2})(?![\w+/=])/s.exec(
    windowOf(passage, at, at + 256),
  )
  if (!match?.[1] || !isLogin(match[1])) return undefined
  return { start: at + 6, end: at + 6 + match[1].length, type: 'key' }
}

/** What follows such a word: the rest of a name, a sign, possibly a quote, and the value. */
export const ASSIGNMENT =
  /^(?:s|key)?(?:[_-]?[A-Z][A-Za-z0-9]{0,15}|[_-][a-z0-9]{1,15}){0,3}["'\]]{0,2}([ \t]{0,4}(?::=|=>|[:=])[ \t]{0,4}| is )(["'`]?)([^\s"'`<>{}()[\],;]{6,200})/

/** `word = "value"`, `word: value` and the like. */
function assigned(
  word: string,
  isValue: (value: string, quoted: boolean, strict: boolean) => boolean,
): Rule {
  const fragment = inWindow(word)
  // The scanner takes up to 16 bytes; the rest of a longer word is checked here.
  const known =
    [...Buffer.from(word)].length > 16
      ? Buffer.from(word).subarray(-16).toString('latin1')
      : fragment
  return {
    fragment: known,
    anyCase: true,
    find(passage, at) {
      if (!mayAssign(passage, at + known.length)) return undefined
      const match = ASSIGNMENT.exec(windowOf(passage, at + known.length, at + known.length + 280))
      if (match === null) return undefined
      const [, operator = '', quote = '', given = ''] = match
      const value = assignedValue(operator, quote, given)
      if (!isValue(value, quote !== '', passage.strict)) return undefined
      const start = at + known.length + match[0].length - given.length
      return { start, end: start + value.length, type: 'key' }
    },
  }
}

/** The value without what follows it: the next parameter of a query, or the end of a sentence. */
export function assignedValue(operator: string, quote: string, given: string): string {
  if (quote !== '') return given
  return operator === '=' ? given.replace(/&.*$/, '') : given.replace(/[.!?]+$/, '')
}

/** Whether an assignment may begin at the byte; mostly another word follows. */
function mayAssign({ bytes, end }: Passage, at: number): boolean {
  let next = at
  while (next < end && next < at + 4 && (bytes[next] === 0x20 || bytes[next] === 0x09)) next++
  const byte = next < end ? (bytes[next] ?? 0) : 0
  const sign = byte === 0x3a || byte === 0x3d
  // ` is `, or part of the name, a quote or a bracket directly after the word.
  return sign || (next > at ? byte === 0x69 && bytes[next + 1] === 0x73 : nameByte[byte] === 1)
}

const nameByte = new Uint8Array(256)
for (const byte of Buffer.from(
  `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"']`,
))
  nameByte[byte] = 1

const PLACEHOLDER =
  /example|your|change|placeholder|dummy|sample|xxx|\*\*|\.\.\.|process\.|env[.[]|getenv|^\$|^%|^\/|^https?:/i

/** Whether a value assigned to the name of a password is a password. */
export function isPassword(value: string, quoted: boolean, strict: boolean): boolean {
  if (PLACEHOLDER.test(value) || !/[A-Za-z]/.test(value) || !/[\d!@#$%^&*?+=-]/.test(value))
    return false
  if (quoted) return value.length >= 6 && /\d|[!@#$%^*?]/.test(value)
  // Unquoted, in code, `password: user.password2` names a variable.
  return !strict && value.length >= 8 && /\d/.test(value)
}

/** Whether a value assigned to the name of a secret is a secret. */
export function isSecret(value: string, quoted: boolean, strict: boolean): boolean {
  if (
    value.length < 16 ||
    PLACEHOLDER.test(value) ||
    /secret|token|password|test|1234567|abcdef/i.test(value)
  )
    return false
  return looksRandom(value) && (quoted || !strict || !/^[A-Za-z_]\w*[.([]/.test(value))
}

/**
 * Digits among letters, several changes between the two, and at least 3.2 bits of entropy a
 * character. (Random hexadecimal has about 3.6, random Base64 of 24 characters above 4, words
 * joined by hyphens have no digits.)
 */
export function looksRandom(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  const changes = text.match(/\d(?=[A-Za-z])|[A-Za-z](?=\d)/g)?.length ?? 0
  return digits >= 2 && changes >= 3 && entropyOf(text) >= 3.2
}

/** Shannon entropy in bits per character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** The login of a URL, whose password is the group. */
export const LOGIN = /[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s:@/"'<>]{0,64}:([^\s@/"'<>]{3,100})$/
/** Placeholder of a password. */
export const NO_PASSWORD =
  /^(?:pass(?:word|wd)?|pwd|pw|secret|token|x+|\*+|your.*|\$.*|%s|\[.*|\{.*)$/i

/**
 * Characters that neither a user name nor a password contains; blanks as they appear in a window.
 */
const loginEnd = new Uint8Array(256)
for (const byte of Buffer.from('\t\n\v\f\r @/"\'<>\u00a0', 'latin1')) loginEnd[byte] = 1
const LOGIN_BYTES = 200

/**
 * Whether the text before the `@` at `at` is the login of a URL, and its password unless that is a
 * placeholder.
 */
export function loginBefore(
  passage: Passage,
  at: number,
  from: number,
): { readonly found?: Finding } | undefined {
  const { bytes } = passage
  const least = Math.max(from, at - LOGIN_BYTES)
  let start = at
  while (start > least && loginEnd[bytes[start - 1] ?? 0] === 0) start--
  if (start === at || start - 3 < least || (bytes[at - 1] ?? 0) <= 0x20) return undefined
  if (bytes[start - 1] !== 0x2f || bytes[start - 2] !== 0x2f || bytes[start - 3] !== 0x3a)
    return undefined
  const password = LOGIN.exec(windowOf(passage, least, at))?.[1]
  if (password === undefined) return undefined
  return NO_PASSWORD.test(password)
    ? {}
    : { found: { start: at - password.length, end: at, type: 'key' } }
}
