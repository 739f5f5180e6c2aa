// Passwords of logins: in URLs, in headers, on the command line of curl.
import { type Finding, type Passage, windowOf } from '../finding.ts'
import { looksRandom } from './random.ts'
import { isPlaceholder, isSecret } from './values.ts'

/** What follows `Bearer`. */
export function bearerAt(passage: Passage, at: number): Finding | undefined {
  const match = /^.{7}([\w.~+/-]{16,2000}={0,2})/s.exec(windowOf(passage, at, at + 2048))
  if (!match?.[1] || isPlaceholder(match[1]) || !looksRandom(match[1])) return undefined
  return { start: at + 7, end: at + 7 + match[1].length, type: 'key' }
}

/** Whether Base64 holds `user:password`. */
export const isLogin = (text: string): boolean =>
  /^[\x20-\x7e]+:[\x20-\x7e]*$/.test(Buffer.from(text, 'base64').toString('latin1'))

/** HTTP basic authentication: Base64 of `user:password`. */
export function basicAt(passage: Passage, at: number): Finding | undefined {
  const match = /^.{6}([A-Za-z0-9+/]{8,200}={0,2})(?![\w+/=])/s.exec(
    windowOf(passage, at, at + 256),
  )
  if (!match?.[1] || !isLogin(match[1])) return undefined
  return { start: at + 6, end: at + 6 + match[1].length, type: 'key' }
}

/** The login of a URL: its user name and its password. */
const LOGIN = /[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/([^\s:@/"'<>]{0,64}):([^\s@/"'<>]{3,100})$/
/** GitHub took a token as the name, and these words as the password. */
const NO_NAME = ':x-oauth-basic'
const TOKEN_AS_NAME = /:\/\/([^\s:@/"'<>]{20,64}):x-oauth-basic$/

/** Words that stand for a password, and what is filled in later. */
const NO_PASSWORD = new RegExp(
  `^(?:${[
    '(?:my|your|the|some|db|user|test|real)?[_-]?' +
      '(?:pass(?:word|wd|phrase|code)?|pwd|pw|secret|token|(?:access|api|secret)?[_-]?key|credentials?)[_-]?\\d?',
    '[x*.y]+',
    'your.*',
    '[$%#@&].*',
    '.*\\$[{(].*',
    '[[{<].*',
    '.*\\{\\{.*',
    'change(?:me|it)|x-access-token',
    'example|admin|root|guest|test|foo|bar|baz|abc',
    '\\d{1,5}\\W*',
    '.*replace.*',
    '.*password',
    'pass.*here',
    '[a-z]+(?:_[a-z]+)*_(?:key|pass|secret|token)',
  ].join('|')})$`,
  'i',
)

/** Whether a password of a login is more than a placeholder. */
function isLoginPassword(user: string, password: string): boolean {
  // Mail servers take options after a semicolon.
  const plain = password.replace(/;.*$/, '')
  return (
    plain !== user &&
    !NO_PASSWORD.test(plain) &&
    new Set(plain).size > 2 &&
    !/\\u|%[01][\dA-F]/i.test(plain) &&
    plain.replace(/%[\dA-F]{2}/gi, '_').length > 3
  )
}

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
  if (windowOf(passage, Math.max(least, at - NO_NAME.length), at) === NO_NAME) {
    const before = windowOf(passage, least, at)
    const name = TOKEN_AS_NAME.exec(before)?.[1]
    if (name === undefined) return {}
    const end = at - NO_NAME.length
    return { found: { start: end - name.length, end, type: 'key' } }
  }
  let start = at
  while (start > least && loginEnd[bytes[start - 1] ?? 0] === 0) start--
  if (start === at || start - 3 < least || (bytes[at - 1] ?? 0) <= 0x20) return undefined
  if (bytes[start - 1] !== 0x2f || bytes[start - 2] !== 0x2f || bytes[start - 3] !== 0x3a)
    return undefined
  const [, user = '', password] = LOGIN.exec(windowOf(passage, least, at)) ?? []
  if (password === undefined) return undefined
  start = at - password.length
  const end = lastAt(passage, at)
  if (!isLoginPassword(user, windowOf(passage, start, end))) return {}
  return { found: { start, end, type: 'key' } }
}

/** The last `@` before the host: passwords hold some, unescaped. */
function lastAt({ bytes, end }: Passage, at: number): number {
  let last = at
  for (let next = at + 1; next < end && next < at + 64; next++) {
    if (bytes[next] === 0x40) last = next
    else if (loginEnd[bytes[next] ?? 0] === 1) break
  }
  return last
}

/** Bytes before `-u` in which the word `curl` must stand, and after it for the login. */
const CURL_BYTES = { before: 320, after: 160 }
const CURL_LOGIN =
  /^ (?:-u|--user)[= \t]{1,5}(?:"([^"\r\n]{0,64}?):([^"\r\n]{0,80})"|'([^'\r\n]{0,64}?):([^'\r\n]{0,80})'|([\w.@$-]{0,64}|"[^"\r\n]{1,64}"):(?:"([^"\r\n]{3,80})"|'([^'\r\n]{3,80})'|([^\s"']{3,80})))(?=\s|\\|$|["'])/

/** The password of `curl -u name:password`, found at the option. */
export function curlLoginAt(passage: Passage, at: number, from: number): Finding | undefined {
  const before = windowOf(passage, Math.max(from, at - CURL_BYTES.before), at)
  const command = before.lastIndexOf('curl')
  if (command < 0 || /[^\\]\r?\n/.test(before.slice(command))) return undefined
  const match = CURL_LOGIN.exec(windowOf(passage, at, at + CURL_BYTES.after))
  if (match === null) return undefined
  const user = match[1] ?? match[3] ?? match[5] ?? ''
  const given = match[2] ?? match[4] ?? match[6] ?? match[7] ?? match[8] ?? ''
  // Some services take the key as the name, with no password.
  const secret = given === '' ? user : given
  if (secret.length < 3 || !isLoginPassword(given === '' ? '' : user, secret)) return undefined
  const start = at + match[0].lastIndexOf(secret)
  return { start, end: start + secret.length, type: 'key' }
}

/** `Authorization: Basic …`, `"Authorization", "Token …"`: the scheme, and the credentials. */
const AUTHORIZATION =
  /^.{13}\\?(?:["']?[ \t]{0,4}[:=]|["'][ \t]{0,4},)[ \t]{0,4}(?:\\?["'])?((?:basic|bearer|token|api-?token|api-?key|key|apikey|apptoken)[ =]{1,3})?(?:["'])?([\w.~+/=@:-]{12,400})/is

/** What follows the name of the header `Authorization`. */
export function authorizationAt(passage: Passage, at: number): Finding | undefined {
  const match = AUTHORIZATION.exec(windowOf(passage, at, at + 460))
  const given = match?.[2]
  if (!match || given === undefined || isPlaceholder(given)) return undefined
  const isBasic = match[1]?.toLowerCase().startsWith('basic') === true
  if (!isSecret(given) && !(isBasic && isLogin(given))) return undefined
  const start = at + match[0].length - given.length
  return { start, end: start + given.length, type: 'key' }
}
