// Whether a value assigned to such a name is a secret, or a placeholder, a reference or a word.
import { isPublished } from './published.ts'
import { entropyOf, looksRandom, wordShare } from './random.ts'

/** Values that stand for a secret. */
const PLACEHOLDER = new RegExp(
  [
    'example|sample|placeholder|dummy|redacted|change[_-]?(?:me|it)',
    'replace[_-]?(?:me|with)|insert[_-]|(?:^|[^a-z])(?:your|my|some|the|any)[_ -]?[a-z]',
    String.raw`x{4}|\*{2}|\.{3}|\.{2}$|…|\xe2\x80\xa6|_here|-here|todo|fixme`,
    '^(?:null|none|nil|undefined|true|false|empty)$|0{8}|1{6}|abcdefgh|qwerty|foobar|lorem',
  ].join('|'),
  'i',
)

/** Values that say where the secret comes from. */
const REFERENCE = new RegExp(
  [
    String.raw`^[$%@#&/\\~.!|?:+[{<]|^--?[a-z]|:$|^[A-Za-z_]+=$|^\d{8}T\d{6}Z$|aws4_request`,
    String.raw`\\u[0-9A-F]{4}|HMAC-SHA|^urn:|\$\{|\$\(|\{\{|%[sdv@]|^https?:|^file:|process\.env`,
    String.raw`environ|getenv|ENV\[|^ENC\[|^vault:|^secrets?\.|^arn:|^ref:|^projects\/|^op:\/\/`,
  ].join('|'),
  'i',
)

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a value stands for a secret, or says where it comes from. */
export const isPlaceholder = (value: string): boolean =>
  PLACEHOLDER.test(value) || REFERENCE.test(value) || isPublished(value)

/** Characters of keys in the encodings in use. */
const KEY_CHARACTERS = /^[\w.~+/=:|%!@#$^&*-]+$/

/** Whether a value given to the name of a secret is one: drawn at random, 10 characters or more. */
export function isSecret(value: string): boolean {
  if (value.length < 10 || isPlaceholder(value) || !KEY_CHARACTERS.test(value)) return false
  if (UUID.test(value)) return entropyOf(value) > 2.8
  if (/^v?\d+(?:\.\d+)+/.test(value) || /^\d{4}-\d\d/.test(value)) return false
  const isPath = /^[A-Za-z]+(?:[.:/-][A-Za-z]+\d?[A-Za-z]*)+$/.test(value)
  if (isPath && wordShare(value) > 0.25) return false
  if (isNamed(value)) return false
  return looksRandom(value) && !isEncodedText(value) && !isPublicPem(value)
}

/** Whether a value is the Base64 of a certificate, or of a PEM block of less than a line. */
export const isPublicPem = (value: string): boolean =>
  value.startsWith('LS0tLS1CRUdJTi') &&
  (value.startsWith('LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS') || value.length < 160)

/** Whether a value is a secret though its name says little: no UUID, and no word in it. */
export const isSurelySecret = (value: string): boolean =>
  isSecret(value) && !UUID.test(value) && value.length >= 16 && wordShare(value) < 0.25

/** `OAuth2AccessToken` and the like: a class or a variable, by the word in it and few digits. */
const isNamed = (value: string): boolean =>
  /^\w+$/.test(value) &&
  /token|secret|password|credential|access|client/i.test(value) &&
  value.replace(/\D/g, '').length <= 2

/** Whether a value is Base64 of words: an example, or no secret. */
function isEncodedText(value: string): boolean {
  if (!/^[A-Za-z0-9+/]{12,}={0,2}$/.test(value)) return false
  const decoded = Buffer.from(value, 'base64').toString('latin1')
  return /^[\x20-\x7e]+$/.test(decoded) && !decoded.includes(':') && wordShare(decoded) > 0.6
}

/** Names of fields and of secrets, and types: `user_password2`, `string:redact`, `admin/admin`. */
const NAME_LIKE =
  /^[a-z]+[:/][a-z]+$|^[\w.:/-]*(?:password|passwd|passphrase|secret|token|credential)[\w.:/-]*$/i

/** `5.days.ago`, `0x0002000`. */
const EXPRESSION = /^\d+(?:\.[a-z_]+)+$|^0x[\da-f]{1,16}$/i

/** Whether a value is a word with letters beyond ASCII: `Zapomenuté`, `Cancel·la`. */
const isWord = (value: string): boolean =>
  /[\x80-\xff]/.test(value) &&
  /^[\p{L}\p{M}][\p{L}\p{M}'’·-]*[,.:;!?…]?$/u.test(Buffer.from(value, 'latin1').toString())

/** Whether a value given to the name of a password is one: no mere word, 6 characters or more. */
export function isPassword(value: string): boolean {
  if (value.length < 6 || isPlaceholder(value) || /\s/.test(value)) return false
  if (isSecret(value)) return true
  if (NAME_LIKE.test(value) || !/[A-Za-z]/.test(value)) return false
  if (EXPRESSION.test(value) || isWord(value)) return false
  const digits = value.replace(/\D/g, '').length
  const signs = value.replace(/[\w.\- ]/g, '').length
  return signs > 0 || digits >= 2 || (digits === 1 && wordShare(value) < 0.7)
}
