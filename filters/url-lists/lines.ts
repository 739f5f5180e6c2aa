// One line of a list, in any of the usual formats.
import { type Address, addressOf, canonicalHost, canonicalPath } from './address.ts'

/** What a line lists: a domain with everything below it, or a path there. */
export interface Rule extends Address {
  /** Whether the line says that the list does not mean this address. */
  readonly except: boolean
}

/** The usual case, in the spelling of addresses already. */
const PLAIN = /^[a-z\d_-]+(?:\.[a-z\d_-]+)+$/

/** Addresses that hosts files send unwanted names to. */
const NOWHERE = /^(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|::1?|fe80::1%lo0|ff0\d::\d|255\.255\.255\.255)$/
const LOCAL = new Set([
  ...['localhost', 'localhost.localdomain', 'local', 'broadcasthost', '0.0.0.0'],
  ...['ip6-localhost', 'ip6-loopback', 'ip6-localnet', 'ip6-mcastprefix'],
  ...['ip6-allnodes', 'ip6-allrouters', 'ip6-allhosts'],
])
/** Options of an AdBlock rule that speak of pages, not of what pages load. */
const ABOUT_PAGES = /^(?:all|document|doc|important)(?:,(?:all|document|doc|important))*$/
/** Rules that hide elements of a page. */
const COSMETIC = /#[@?$%]*#/

/**
 * The rules of a line: none for comments and blank lines, undefined if the line means something
 * that is neither a domain nor a path.
 */
export function rulesOf(line: string): readonly Rule[] | undefined {
  if (PLAIN.test(line)) return [{ host: line, path: '', except: false }]
  const text = line.trim()
  if (text === '' || /^(?:[!;[]|#(?![@?$%]*#))/.test(text)) return []
  if (COSMETIC.test(text)) return undefined
  if (/^(?:@@)?\|/.test(text)) return only(blockRule(text))
  const [first = '', ...others] = text
    .replace(/\s#.*$/, '')
    .trim()
    .split(/\s+/)
  if (others.length > 0) return NOWHERE.test(first) ? hostsRules(others) : undefined
  return only(plainRule(first))
}

function only(rule: Rule | undefined): readonly Rule[] | undefined {
  return rule === undefined ? undefined : [rule]
}

/** `0.0.0.0 one.example two.example`. */
function hostsRules(names: readonly string[]): Rule[] {
  return names
    .filter((name) => !LOCAL.has(name.toLowerCase()))
    .map((name) => ({ host: canonicalHost(name), path: '', except: false }))
    .filter(({ host }) => host !== '')
}

/** `||example.com^`, `||example.com/path^$document`, `@@||example.com^`. */
function blockRule(text: string): Rule | undefined {
  const [, sign = '', body = '', options] = /^(@@)?\|\|?([^$]*)(?:\$(.*))?$/.exec(text) ?? []
  if (options !== undefined && !ABOUT_PAGES.test(options)) return undefined
  const address = body.replace(/[\^|*]+$/, '')
  if (address === '' || /[*^|]/.test(address.replace(/^\*\./, ''))) return undefined
  const rule = plainRule(address)
  return rule && { ...rule, except: sign !== '' }
}

/** `example.com`, `.example.com`, `*.example.com`, `example.com/path`, `https://example.com/path`. */
function plainRule(text: string): Rule | undefined {
  const bare = text.replace(/^(?:\*?\.)(?=.)/, '')
  const slash = bare.search(/[/?]/)
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(bare) || bare.includes('@') || /:\d*(?:\/|$)/.test(bare)) {
    const address = addressOf(bare)
    return address && { ...address, except: false }
  }
  const name = slash === -1 ? bare : bare.slice(0, slash)
  const host = canonicalHost(name)
  if (host === '' || /[^\w.-]/.test(host) || !(host.includes('.') || bare !== text))
    return undefined
  return { host, path: slash === -1 ? '' : canonicalPath(bare.slice(slash)), except: false }
}
