// What the names of keys and passwords say, in code, configuration and prose.

/**
 * Parts of names that the scanner looks for in any case. Arabic words are found by their last eight
 * letters: a fragment has at most sixteen bytes.
 */
export const NAME_PARTS = [
  ...['token', 'secret', 'passw', 'passphrase', '_pass', 'pwd', 'credential', 'creds'],
  ...[
    'apikey',
    'api_key',
    'api-key',
    '_key',
    '-key',
    'key"',
    "key'",
    'key:',
    'key=',
    'key =',
    '_auth',
    'auth"',
    "auth'",
  ],
] as const

/** Words of Arabic labels. */
export const ARABIC_PASSWORD = [
  'كلمة المرور',
  'كلمة السر',
  'الرقم السري',
  'الرمز السري',
  'كلمة مرور',
]
export const ARABIC_SECRET = ['مفتاح', 'رمز الوصول', 'التوكن', 'توكن']

/** What is assigned to a name: a password that may be a word, or a secret drawn at random. */
export type Kind = 'password' | 'secret'

const PASSWORD =
  /pass(?:w(?:or)?d|wd|phrase|code)?(?![a-z])|passw(?:or)?d|(?<![a-z])pwd|(?<=[a-z_-])pwd(?![a-z])/
const SECRET =
  /secret|token|credential|creds(?![a-z])|(?<![a-z])auth(?![a-z])|api[_.-]?(?:key|token)|(?:access|auth|account|private|encryption|signing|service|master|license|license|app|client|consumer|session|shared|storage|webhook|ssh|deploy|admin|server|write|read|user|role|integration|insert|global|origin|ingest)[_.-]?key|[a-z0-9]key(?![a-z])|[_.-]key(?![a-z])/

/**
 * Names that hold such a word and mean something else. Many are the exceptions of gitleaks' rule
 * for generic keys (cmd/generate/config/rules/generic.go at b58d3f102cf3, MIT).
 */
const HARMLESS =
  /public|pub[_-]?key|(?:primary|foreign|sort|hash|partition|cache|index|natural|sequence|schema|bucket|hot|row|column|map|dict|object|data|translation|i18n|lookup|group|shard|route|query|idx|unique|composite|storage_?key_?name|turn?|tur|mon|don|hoc|joc|whis|jer)[_.-]?key|access(?:ibility|or)|access[_.-]?id|author|key[_.-]?(?:alias|board|code|frame|id|length|len|mesh|name|pair|press|ring|selector|signature|size|stone|store|type|word|up|down|left|right|path|file|usage|format|version|hash|vault|tab|bind|map|prefix|suffix|field|column|index|algorithm|alg|label|event|char|data|spec|value|info|meta|ref|role|rotation|schedule|count|url|uri)|(?:token|secret|password|passwd|passphrase|pwd|credentials?|creds|auth)[_.-]?(?:s?[_.-]?)(?:name|id|length|len|size|type|url|uri|file|path|dir|field|format|count|limit|expir\w*|ttl|policy|hash|salt|hint|reset|class|index|pos|position|kind|value_?from|ref|provider|manager|key_?ref|arn|version|endpoint|address|scheme|method|mode|source|header|prefix|store|cache|label|placeholder|pattern|regex|list|map|budget|ids?|ize[rd]?|izers?|ization|error|str(?:ategy)?|s?per|usage|rule|valid\w*|confirm\w*|strength|min\w*|max\w*|required|input|view|scope|audience|issuer|state|status|model|tree|stream)(?![a-z])|(?:csrf|xsrf|next|page|pagination|continuation|sync|cancel\w*|eos|bos|pad|mask|unk|sep|cls|stop|special|word|sub|start|end|begin|first|last|max|min|num|n)[_.-]?tokens?|tokeniz|keyword|monkey|turkey|keyboard|usersecretsid|withcredentials|issuerkeyhash|secretary/

/** What a name means, in lower case, or undefined if it names neither password nor secret. */
export function kindOf(name: string): Kind | undefined {
  if (HARMLESS.test(name)) return undefined
  if (PASSWORD.test(name)) return 'password'
  return SECRET.test(name) ? 'secret' : undefined
}
