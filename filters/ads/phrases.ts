// The patterns of advertising lines, made of the lists beside it.
import * as arabic from './lists/arabic.ts'
import * as english from './lists/english.ts'
import { NETWORKS, NETWORKS_AR } from './lists/networks.ts'

const any = (patterns: readonly string[]): string => `(?:${patterns.join('|')})`
/** `\b` knows ASCII only. */
const whole = (patterns: readonly string[]): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${any(patterns)}(?![\\p{L}\\p{N}])`, 'u')
/** Arabic clitics attach, and endings vary: the start of a word is enough. */
const started = (patterns: readonly string[]): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])[وف]?${any(patterns)}`, 'u')

/** Calls to action that make any line of up to 25 words an advertisement. */
export const STRONG: readonly RegExp[] = [whole(english.STRONG), started(arabic.STRONG)]

/** Notices that make a line of up to 12 words nothing but a notice. */
export const SHORT: readonly RegExp[] = [whole(english.SHORT), started(arabic.SHORT)]

/** Whole lines, apart from punctuation and pictures. */
export const WHOLE_LINE = new RegExp(`^${any([...english.WHOLE, ...arabic.WHOLE])}$`, 'u')

/** Names of networks and the small words around them in a row of sharing buttons. */
export const NETWORK = new RegExp(
  `^(?:${NETWORKS}|${NETWORKS_AR}|email|e-mail|print|pocket|copy link|مسنجر|ماسنجر|messenger|البريد)$`,
  'u',
)
export const SHARING =
  /^(?:share|on|via|follow|us|like|tweet|or|and|this|to|by|link|copy|by|شارك|شاركنا|علي|عبر|تابعنا|او|نسخ|الرابط|مشاركه|ارسال|الالكتروني|طباعه|و)$/u

/** Requests to call; with a number in the line, an order by telephone. */
export const ORDER: readonly RegExp[] = [started(arabic.ORDER), whole(english.ORDER)]

/** Affiliate addresses, and shorteners for them. */
export const AFFILIATE =
  /\/\/(?:amzn\.to|(?:www\.)?amazon\.[a-z.]+\/[^\s]*[?&]tag=|go\.skimresources|click\.linksynergy|www\.awin1\.com|shareasale\.com|[a-z0-9-]+\.hop\.clickbank|rover\.ebay|s\.click\.aliexpress|shope\.ee|adf\.ly|linktr\.ee|[^\s]*[?&](?:aff(?:iliate)?(?:_?id)?|ref_?id|partner_?id)=)/
