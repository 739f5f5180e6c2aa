// 64-bit keys of domains and of domains with a path. A host is hashed from its end, so that one
// pass gives the keys of the host and of every domain above it.
import type { Address } from './address.ts'

/** Labels of a host that are looked at; DNS allows 127. */
const MAX_LABELS = 128
/** Beginnings of a path that are looked at, besides the whole path. */
const MAX_PREFIXES = 64

const DOT = 0x2e

/** Gets a 64-bit key in two halves. */
export type KeyTest<T> = (high: number, low: number) => T

/** Keys of one address at a time. */
export interface AddressKeys {
  read(address: Address): void
  /** Passes on the key of the host with the whole path. */
  whole<T>(use: KeyTest<T>): T
  /** Whether the test holds for the host or a domain above it. */
  someDomain(test: KeyTest<boolean>): boolean
  /** Whether the test holds for one of these domains with the path or a beginning of it. */
  somePath(test: KeyTest<boolean>): boolean
}

/** Two hash states, mixed with one character at a time. */
interface Mixer {
  start(seed: number): void
  add(code: number): void
  readonly a: number
  readonly b: number
}

function mixer(): Mixer {
  let a = 0
  let b = 0
  return {
    start(seed) {
      a = 0x9e3779b9 ^ seed
      b = 0x7f4a7c15 + seed
    },
    add(code) {
      a = Math.imul(((a << 5) | (a >>> 27)) ^ code, 0x9e3779b1)
      b = Math.imul(((b << 9) | (b >>> 23)) ^ code, 0x85ebca77)
    },
    get a() {
      return a
    },
    get b() {
      return b
    },
  }
}

/** Spreads every bit of both states over 32 bits (finaliser of MurmurHash3). */
function spread(x: number, y: number): number {
  let mixed = x ^ Math.imul(y, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Keys of addresses, with memory for one. */
export function addressKeys(): AddressKeys {
  const hosts = new Int32Array(MAX_LABELS * 2)
  const paths = new Int32Array((MAX_PREFIXES + 1) * 2)
  let labels = 0
  let prefixes = 0
  const mix = mixer()
  const keep = (into: Int32Array, at: number): number => {
    into[at * 2] = mix.a
    into[at * 2 + 1] = mix.b
    return at + 1
  }
  const readHost = (host: string): void => {
    labels = 0
    mix.start(0)
    for (let at = host.length - 1; at >= 0 && labels < MAX_LABELS - 1; at--) {
      const code = host.charCodeAt(at)
      if (code === DOT) labels = keep(hosts, labels)
      mix.add(code)
    }
    labels = keep(hosts, labels)
  }
  const readPath = (path: string): void => {
    prefixes = 0
    mix.start(1)
    for (let at = 0; at < path.length; at++) {
      const code = path.charCodeAt(at)
      if (at > 0 && prefixes < MAX_PREFIXES && isBoundary(code)) prefixes = keep(paths, prefixes)
      mix.add(code)
    }
    if (path !== '') prefixes = keep(paths, prefixes)
  }
  const domainKey = <T>(label: number, use: KeyTest<T>): T => {
    const [a, b] = [hosts[label * 2] ?? 0, hosts[label * 2 + 1] ?? 0]
    return use(spread(a, b), spread(b, a))
  }
  const pathKey = <T>(label: number, prefix: number, use: KeyTest<T>): T => {
    const a = (hosts[label * 2] ?? 0) ^ Math.imul(paths[prefix * 2] ?? 0, 0x2c1b3c6d)
    const b = (hosts[label * 2 + 1] ?? 0) ^ Math.imul(paths[prefix * 2 + 1] ?? 0, 0x297a2d39)
    return use(spread(a, b), spread(b, a))
  }
  return {
    read({ host, path }) {
      readHost(host)
      readPath(path)
    },
    whole: (use) =>
      prefixes === 0 ? domainKey(labels - 1, use) : pathKey(labels - 1, prefixes - 1, use),
    someDomain(test) {
      for (let label = 0; label < labels; label++) if (domainKey(label, test)) return true
      return false
    },
    somePath(test) {
      for (let label = 0; label < labels; label++)
        for (let prefix = 0; prefix < prefixes; prefix++)
          if (pathKey(label, prefix, test)) return true
      return false
    },
  }
}

/** Where the name of a folder, a file or a parameter ends: `/ ? & # ;`. */
function isBoundary(code: number): boolean {
  return code === 0x2f || code === 0x3f || code === 0x26 || code === 0x23 || code === 0x3b
}
