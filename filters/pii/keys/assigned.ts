// `name = "value"`, `name: value` and the like, in code, configuration and prose.
import { type Finding, type Passage, windowOf } from '../finding.ts'
import { type Kind, kindOf, wordsOf } from './names.ts'
import { isKeyOfService } from './services.ts'
import { isPassword, isPlaceholder, isSecret, isSurelySecret } from './values.ts'

const nameByte = new Uint8Array(256)
for (const byte of Buffer.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.'))
  nameByte[byte] = 1

const keyByte = Uint8Array.from(nameByte)
for (const byte of Buffer.from('+/=')) keyByte[byte] = 1

/** Longest name to either side of the part that was found. */
const NAME_BYTES = 50
/** Longest value that is looked at; what is longer is read on to its end. */
const MOST_VALUE = 400
/** A sign and blanks, then a value. */
const VALUE_BYTES = MOST_VALUE + 60
const MOST_KEY = 16_384

/**
 * What stands between a name and its value: the end of the name's quotes or brackets, a type, and a
 * sign; or the attribute or member `value` of an element whose name it is; or a tag.
 */
const BETWEEN = new RegExp(
  `^(?:${[
    // name = value, "name": value, name string = value, name := value
    '\\\\?["\'`]?\\]?\\)?[ \\t]{0,12}(?::? ?(?:string|str|String|const|char\\*?|&str)(?:\\[\\])?[ \\t]{1,4})?(?::{1,3}=|[?+.!|]{1,2}=|=>|={1,3}|:(?!:)|->)[ \\t]{0,12}(?:(?<=:[ \\t]{0,12})(?:[|>][-+]?[ \\t]*)?\\r?\\n[ \\t]{0,16})?',
    // "name", "value"
    '["\'`][ \\t]{0,4},[ \\t]{0,4}(?=["\'`])',
    // "name" value="value", "name", "value": "value"
    '["\'][ \\t]{0,4},?[ \\t]{0,4}(?:\\r?\\n[ \\t]{0,16})?["\']?value["\']?[ \\t]{0,4}[:=][ \\t]{0,4}',
    // <name>value
    '>[ \\t]{0,4}(?:\\r?\\n[ \\t]{0,16})?',
    // --name value; the password is value
    ' is ',
  ].join('|')})`,
)
const QUOTED = /^[brfu@L]?\\?("""|'''|["'`])([^"'`\r\n]{4,400}?)\\?["'`]/
const BARE = /^[^\s"'`<>{}()[\],;]{4,400}/

/** The key or password assigned to the name that holds bytes `[at, at + length)`. */
export function assignedAt(
  passage: Passage,
  at: number,
  length: number,
  from: number,
): Finding | undefined {
  const { bytes } = passage
  let nameEnd = at + length
  // A part may hold the sign itself, as `key=`.
  while (nameEnd > at && nameByte[bytes[nameEnd - 1] ?? 0] === 0) nameEnd--
  const most = Math.min(passage.end, nameEnd + NAME_BYTES)
  while (nameEnd < most && nameByte[bytes[nameEnd] ?? 0] === 1) nameEnd++
  if (!maySign(passage, nameEnd)) return undefined
  let nameStart = at
  const least = Math.max(from, at - NAME_BYTES)
  while (nameStart > least && nameByte[bytes[nameStart - 1] ?? 0] === 1) nameStart--
  const after = windowOf(passage, nameEnd, nameEnd + VALUE_BYTES)
  const between = BETWEEN.exec(after)?.[0]
  if (between === undefined || !mayPrecede(bytes[nameStart - 1] ?? 0, between)) return undefined
  const given = valueIn(after, between.length)
  if (given === undefined) return undefined
  const value = given.quoted ? given.text : bareValue(given.text, between, passage.strict)
  if (isPlaceholder(value)) return undefined
  const words = wordsOf(windowOf(passage, nameStart, nameEnd))
  const kind = kindOf(words)
  const found =
    isKeyOfService(words, value) ||
    (kind === 'secret' && isSecret(value) && !isCall(value, given)) ||
    (kind === 'perhaps' && isSurelySecret(value) && !isCall(value, given)) ||
    (kind === 'password' && isPasswordHere(value, given, between, passage.strict))
  const start = nameEnd + given.at
  if (!found) return undefined
  const end = start + value.length
  return { start, end: value.length < MOST_VALUE ? end : endOfKey(passage, end), type: 'key' }
}

/** The end of a key of which a part was read. */
function endOfKey({ bytes, end }: Passage, from: number): number {
  const limit = Math.min(end, from + MOST_KEY)
  let next = from
  while (next < limit && keyByte[bytes[next] ?? 0] === 1) next++
  return next
}

/** A value as it stands in a window. */
interface Given {
  readonly text: string
  readonly at: number
  readonly quoted: boolean
  /** The character after it. */
  readonly next: string
}

function valueIn(window: string, from: number): Given | undefined {
  const rest = window.slice(from)
  const quoted = QUOTED.exec(rest)
  const text = quoted?.[2] ?? BARE.exec(rest)?.[0]
  if (text === undefined) return undefined
  const at = from + (quoted ? rest.indexOf(text, quoted[1]?.length) : 0)
  return { text, at, quoted: quoted !== null, next: window.charAt(at + text.length) }
}

/** Whether a name begins after this byte: a tag after `<`, an argument after its quote. */
function mayPrecede(byte: number, between: string): boolean {
  if (between.startsWith('>')) return byte === 0x3c || byte === 0x3a
  return !between.includes(',') || byte === 0x22 || byte === 0x27 || byte === 0x60
}

/** `token: oauth2Token.Extra("id")` calls a function. */
const isCall = (value: string, { next }: Given): boolean => next === '(' && /^[\w.]+$/.test(value)

function isPasswordHere(value: string, given: Given, between: string, strict: boolean): boolean {
  // Only configuration files say `key="Password" value="…"`.
  if (/value/i.test(between)) return value.length >= 8
  // Of arguments, `"password"` is one itself and not the name of the next.
  if (between.includes(',')) return false
  if (between === ' is ' && !/\d/.test(value)) return false
  if (!isPassword(value) || (!given.quoted && strict && isCall(value, given))) return false
  if (given.quoted || between.startsWith('>') || !strict || isSecret(value)) return true
  // In code an expression may follow: `password: user.password2`, `passwd = convert_utf8(text)`.
  const isStatement = /[(;[<{)]/.test(given.next)
  return !isStatement && !/^[A-Za-z_]\w*(?:(?:\.|::|->)\w+)+$|^[A-Za-z]+\d?[?!]?$/.test(value)
}

/** The value without what follows it: the next parameter, an escape, or the end of a sentence. */
function bareValue(given: string, between: string, strict: boolean): string {
  const value = given.replace(/\\[nrt].*$/, '').replace(/\\+$/, '')
  if (between.includes('=')) return value.replace(/&.*$/, '')
  return strict && between !== ' is ' ? value : value.replace(/[.!?:]+$/, '')
}

/** Whether an assignment may begin after a name; mostly another word follows. */
function maySign({ bytes, end }: Passage, at: number): boolean {
  let next = at
  while (next < end && next < at + 12 && (bytes[next] === 0x20 || bytes[next] === 0x09)) next++
  const byte = next < end ? (bytes[next] ?? 0) : 0
  if (signByte[byte] === 1) return true
  // A type, ` is `, and nothing else after a blank.
  return next > at && (byte === 0x69 || byte === 0x73 || byte === 0x53 || byte === 0x26)
}

const signByte = new Uint8Array(256)
for (const byte of Buffer.from(`:=?|>"'\`]+.,\\)-!`)) signByte[byte] = 1

/**
 * Between an Arabic label and its value: up to three words more in Arabic or English, and a sign or
 * "is".
 */
const ARABIC_BETWEEN =
  /^(?: ?(?:(?:[\xd8-\xdb][\x80-\xbf]){1,12}|[A-Za-z]{1,12})){0,4}?[ \xa0]{0,3}(?:[:=]|\xd9\x87\xd9[\x88\x8a])[ :]{0,3}/

/** The key or password after an Arabic label that ends at `at`. */
export function labelledAt(passage: Passage, at: number, kind: Kind): Finding | undefined {
  const after = windowOf(passage, at, at + VALUE_BYTES)
  const between = ARABIC_BETWEEN.exec(after)?.[0]
  if (between === undefined) return undefined
  const given = valueIn(after, between.length)
  if (given === undefined) return undefined
  const value = given.quoted ? given.text : bareValue(given.text, between, false)
  if (!isPlain(value) || !(kind === 'secret' ? isSecret(value) : isPassword(value)))
    return undefined
  const start = at + given.at
  return { start, end: start + value.length, type: 'key' }
}

const isPlain = (value: string): boolean => /^[\x21-\x7e]+$/.test(value)
