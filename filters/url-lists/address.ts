// Hosts and paths in one spelling, whatever the list or the record wrote: lower-case hosts in
// Punycode without port and trailing dot, paths percent-decoded in NFC.
import { domainToASCII } from 'node:url'

/** Where a page is. */
export interface Address {
  /** `xn--mgbh0fb.xn--kgbechtv`, `example.com`, `192.0.2.1`. */
  readonly host: string
  /** Path and query, from the first `/` on, without a trailing one: `/مقال?id=3`, or `''`. */
  readonly path: string
}

/** The address of a URL, with or without a scheme; undefined if it has no host. */
export function addressOf(url: string): Address | undefined {
  const scheme = /^[a-z][a-z\d+.-]*:\/\//i.test(url)
    ? ''
    : url.startsWith('//')
      ? 'http:'
      : 'http://'
  try {
    const { hostname, pathname, search } = new URL(scheme + url)
    const host = canonicalHost(hostname)
    return host === '' ? undefined : { host, path: canonicalPath(pathname + search) }
  } catch {
    return undefined
  }
}

/** A host in the spelling of addresses; `''` if it is none. */
export function canonicalHost(text: string): string {
  const host = withoutEnd(text, '.').toLowerCase()
  if (/^[a-z\d._-]+$/.test(host) || /^\[[\da-f:.]+\]$/.test(host)) return host
  return withoutEnd(domainToASCII(percentDecoded(host)), '.')
}

/** Path and query in the spelling of addresses. */
export function canonicalPath(text: string): string {
  return withoutEnd(percentDecoded(text).normalize('NFC'), '/')
}

/**
 * Decodes what percent signs escape without need: valid UTF-8 of other scripts, ASCII letters and
 * digits and `-._~`. Other escapes stay, in upper case.
 */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/(?:%[\da-f]{2})+/gi, (run) => {
    const escapes = run.toUpperCase()
    const plain = escapes.replace(/%[2-7][\dA-F]/g, (one) => {
      const character = String.fromCharCode(Number.parseInt(one.slice(1), 16))
      return /[\w.~-]/.test(character) ? character : one
    })
    return plain.replace(/(?:%[89A-F][\dA-F])+/g, decoded)
  })
}

/** The text without the characters of this kind that it ends in. A pattern would be quadratic. */
function withoutEnd(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}

function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return escapes
  }
}
