// Passwords of logins: in URLs, in headers, on the command line of curl.
import { type Finding, type Passage, windowOf } from '../finding.ts'
import { looksRandom } from './random.ts'

export function bearerAt(passage: Passage, at: number): Finding | undefined {
  const match = /^.{7}([\w.~+/-]{16,2000}={0,2})/s.exec(windowOf(passage, at, at + 2048))
  if (!match?.[1] || !looksRandom(match[1])) return undefined
  return { start: at + 7, end: at + 7 + match[1].length, type: 'key' }
}

/** Whether Base64 holds `user:password`. */
export const isLogin = (text: string): boolean =>
  /^[\x20-\x7e]+:[\x20-\x7e]+$/.test(Buffer.from(text, 'base64').toString('latin1'))

/** HTTP basic authentication: Base64 of `user:password`. */
export function basicAt(passage: Passage, at: number): Finding | undefined {
  const match = /^.{6}([A-Za-z0-9+/]{8,200}={0,2})(?![\w+/=])/s.exec(
    windowOf(passage, at, at + 256),
  )
  if (!match?.[1] || !isLogin(match[1])) return undefined
  return { start: at + 6, end: at + 6 + match[1].length, type: 'key' }
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
