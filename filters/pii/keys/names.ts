// What the names of keys and passwords say, in code, configuration and prose.

/**
 * Parts of names that the scanner looks for in any case. Arabic words are found by their last eight
 * letters: a fragment has at most sixteen bytes.
 */
export const NAME_PARTS = [
  ...['token', 'secret', 'passw', 'passphrase', '_pass', 'pwd', 'credential', 'creds', 'apikey'],
  ...['_key', '-key', 'key"', "key'", 'key:', 'key=', 'key =', '_auth', 'auth"', "auth'"],
] as const

/** Words of Arabic labels. */
export const ARABIC_PASSWORD = [
  'كلمة المرور',
  'كلمة السر',
  'الرقم السري',
  'الرمز السري',
  'كلمة مرور',
]
export const ARABIC_SECRET = ['مفتاح', 'رمز الوصول', 'توكن']

/**
 * What is assigned to a name: a password that may be a word, a secret drawn at random, or perhaps a
 * secret, where the name says no more than "key" or "token".
 */
export type Kind = 'password' | 'secret' | 'perhaps'

const set = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

const PASSWORD = /(?:^pass|password|passwd|passphrase|passcode|pwd)$/
/** What stands before "key" in words that are written as one. */
const OF_KEY =
  'access|account|api|app|auth|client|consumer|deploy|encryption|license|master|private|secret|' +
  'server|service|session|shared|signing|ssh|storage'
const SECRET = new RegExp(`(?:secrets?|tokens?|credentials?|^creds|^auth|(?:${OF_KEY})key)$`)

/**
 * Words that make a name harmless: anywhere in it, just before the word for a secret, and after it.
 * Many are the exceptions of gitleaks' rule for generic keys (cmd/generate/config/rules/generic.go
 * at b58d3f102cf3, MIT).
 */
const HARMLESS = {
  anywhere: set(`
    public pub publishable authenticity csrf xsrf fake dummy mock invalid wrong bad non
    nonmatching expected example sample placeholder encrypted sealed hashed digest checksum
    fingerprint integrity tokenizer tokenize
  `),
  before: set(`
    begin bos bucket cache cancel cancellation cls cls column composite continuation dict encoded
    end eos field first foreign group hash hot idx index lookup mask max min natural next num
    object pad page pagination partition primary query route row s3 schema sep sequence shard site
    socket sort special start stop storage sub sync targeted template translation unique unk
    verification verify with word
  `),
  /** Names of requests and locks in the interfaces of clouds. */
  beforeToken: set('change client export idempotency import lock request update upload'),
  after: set(`
    address alg algo algorithm alias arn at attempt attempts audience backend bind board budget
    button bytes cache changed char class
    code column confirm confirmation count data dir disabled down endpoint error event exception expiration
    expires expiry field file filename fingerprint format frame hash header helper hint id identifier ids
    incorrect index info input issuer kind label len length limit list location manager map max mesh meta
    method min mode model name names pair path pattern placeholder policy pos position prefix
    press pressed provider ref reference regex resource required reset ring role rotation rule
    scheme schedule scope selector sent short signature size source spec state status stone store strategy
    stream strength success suffix tab tree ttl type types up uri url usage validation validator value
    verifier vault version view within
  `),
} as const

/** The words of a name, in lower case: of `dbPass_word` and `API-key` two each. */
export const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z\d])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3_$2$4')
    .toLowerCase()
    .split(/[_.-]+/)
    .filter((word) => word !== '')

/** Words that make a key or a token one that opens something. */
const STRONG = set(`
    access account admin api app auth authorization bearer bot client consumer credential
    credentials creds deploy encryption github gitlab integration license login master npm oauth
    personal private refresh root secret secrets security server service session shared signing
    ssh storage user webhook
  `)

/** What a name means; undefined if it names neither password nor secret. */
export function kindOf(words: readonly string[]): Kind | undefined {
  const at = words.findLastIndex(
    (word, i) => PASSWORD.test(word) || SECRET.test(word) || (word === 'key' && i > 0),
  )
  const word = words[at]
  if (word === undefined || words.some((one) => HARMLESS.anywhere.has(one))) return undefined
  if (HARMLESS.before.has(words[at - 1] ?? '')) return undefined
  if (word === 'token' && HARMLESS.beforeToken.has(words[at - 1] ?? '')) return undefined
  if (words.slice(at + 1).some((one) => HARMLESS.after.has(one))) return undefined
  if (words.some((one) => PASSWORD.test(one))) return 'password'
  const isStrong = words.some((one) => STRONG.has(one)) || (word !== 'key' && word !== 'token')
  return isStrong ? 'secret' : 'perhaps'
}
