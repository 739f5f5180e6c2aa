// Values of Kubernetes secrets, which are Base64 under `data:`.
import { type Finding, type Passage, windowOf } from '../finding.ts'
import { isPlaceholder, isPublicPem } from './values.ts'

/** How far from `kind: Secret` its data is looked for, in bytes. */
const AROUND = { before: 700, after: 1500 }
const KIND = /^kind: ["']?secret["']?[ \t]*\r?$/im
const DATA = /^[ \t]*data:[ \t]*\r?\n((?:[ \t]+[^\n]*(?:\n|$)|[ \t]*#[^\n]*\n|[ \t]*\r?\n){1,40})/m
const VALUE =
  /^[ \t]+([\w.-]+):[ \t]*(?:[|>][-+]?[ \t]*\r?\n[ \t]+)?["']?([A-Za-z0-9+/]{10,}={0,3})["']?[ \t]*\r?$/gm

/**
 * The first value of a secret whose `kind: Secret` is at `at`. What is redacted is searched again,
 * so that the others follow.
 */
export function kubernetesAt(passage: Passage, at: number, from: number): Finding | undefined {
  const least = Math.max(passage.start, from, at - AROUND.before)
  const before = windowOf(passage, least, at)
  const lineStart = before.lastIndexOf('\n') + 1
  if (before.slice(lineStart).trim() !== '') return undefined
  const after = windowOf(passage, at, at + AROUND.after)
  if (!KIND.test(after.split('\n', 1)[0] ?? '')) return undefined
  // Documents of one file are divided by `---`.
  const begin = before.lastIndexOf('\n---')
  const end = after.indexOf('\n---')
  const first = Math.max(0, begin)
  const text = before.slice(first) + (end < 0 ? after : after.slice(0, end))
  const data = DATA.exec(text)
  if (data === null) return undefined
  const value = [...(data[1] ?? '').matchAll(VALUE)].find(isSecretValue)
  if (value?.[2] === undefined) return undefined
  const inData = data.index + data[0].length - (data[1]?.length ?? 0)
  const start = least + first + inData + value.index + value[0].lastIndexOf(value[2])
  return { start, end: start + value[2].length, type: 'key' }
}

/** Certificates are public. */
const isSecretValue = ([, name = '', value = '']: RegExpMatchArray): boolean =>
  !/\.(?:crt|cer|ca|pub)$/.test(name) && !isPlaceholder(value) && !isPublicPem(value)
