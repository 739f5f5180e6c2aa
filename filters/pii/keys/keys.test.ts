// Keys are made at run time from their parts, so that no scanner of a host takes this file for a
// leak: `{A36}` stands for 36 letters and digits.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { textColumn } from '../../../src/core/batch.ts'
import { plainly } from '../placeholder.ts'
import { redactor } from '../redact.ts'
import { checksumOf, crc32 } from './crc.ts'
import { AZURE_SECRET, TOKENS } from './tokens.ts'

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const UPPER = LOWER.toUpperCase()
const ALPHABETS: Readonly<Record<string, string>> = {
  A: `${LOWER}${UPPER}0123456789`,
  B: `${UPPER}234567`,
  D: '0123456789',
  H: '0123456789abcdef',
  L: `${LOWER}${UPPER}`,
  S: `${LOWER}0123456789`,
  U: `${UPPER}0123456789`,
}

/** Fills in the parts, the same for the same shape. */
const made = (shape: string): string => {
  let count = 0
  return shape.replace(/\{([A-Z])(\d+)\}/g, (_, name: string, length: string) =>
    Array.from({ length: Number(length) }, () => {
      const digest = createHash('sha256').update(`${shape}#${count++}`).digest()
      const alphabet = ALPHABETS[name] ?? ''
      return alphabet[digest.readUInt32LE(0) % alphabet.length]
    }).join(''),
  )
}

const redact = redactor()
const redactedText = (text: string, strict = true): string => {
  const { bytes, offsets } = redact.text(
    textColumn([text]),
    () => strict,
    () => {},
    plainly,
  )
  return Buffer.from(bytes.subarray(offsets[0], offsets[1])).toString()
}
const expectFound = (before: string, secret: string, after = '', strict = true): void =>
  expect(redactedText(`${before}${secret}${after}`, strict)).toBe(`${before}<KEY>${after}`)
const expectKept = (text: string, strict = true): void =>
  expect(redactedText(text, strict)).toBe(text)

const UUID = '{H8}-{H4}-{H4}-{H4}-{H12}'

/** The name of each format, a key, and something that is almost one. */
const FORMATS: readonly (readonly [string, string, string])[] = [
  ['AWS access key', 'AKIA{B16}', 'AKIA{B12}'],
  ['AWS Bedrock', 'ABSK{A120}', 'ABSK{A60}'],
  [
    'AWS Bedrock, short-lived',
    'bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t',
    'bedrock-api-key-{A3}',
  ],
  ['Google API', 'AIza{A35}', 'AIza{A30}'],
  ['Google OAuth', 'ya29.{A40}', 'ya29.{A9}'],
  ['Google OAuth client', 'GOCSPX-{A28}', 'GOCSPX-{A20}'],
  ['Azure AD client secret', '{A3}8Q~{A34}', '{A3}xQ~{A34}'],
  ['Alibaba', 'LTAI{A20}', 'LTAI{A9}'],
  ['DigitalOcean', 'dop_v1_{H64}', 'dop_v1_{H60}'],
  ['Heroku', 'HRKU-AA{A58}', 'HRKU-AA{A40}'],
  ['Cloudflare origin CA', 'v1.0-{H24}-{H146}', 'v1.0-{H24}-{H40}'],
  ['Cloudflare', 'cfat_{A40}{H8}', 'cfat_{A30}'],
  ['Fly.io', 'fo1_{A43}', 'fo1_{A30}'],
  ['Scalingo', 'tk-us-{A48}', 'tk-us-{A30}'],
  ['Vercel', 'vcp_{A40}', 'vcp_{A9}'],
  ['Pulumi', 'pul-{H40}', 'pul-{H30}'],
  ['Doppler', 'dp.pt.{A43}', 'dp.pt.{A30}'],
  ['Dynatrace', 'dt0c01.{A24}.{A64}', 'dt0c01.{A24}.{A40}'],
  ['Databricks', 'dapi{H32}', 'dapi{H20}'],
  ['OpenShift', 'sha256~{A43}', 'sha256~{A30}'],
  ['Yandex API', 'AQVN{A37}', 'AQVN{A20}'],
  ['PlanetScale', 'pscale_pw_{A40}', 'pscale_pw_{A20}'],
  ['GitHub', 'ghp_{A36}', 'ghp_{A30}'],
  ['GitHub App, signed', 'ghs_123_eyJ{A20}.eyJ{A20}.{A40}', 'ghs_123_{A20}'],
  ['GitHub, fine-grained', 'github_pat_{A82}', 'github_pat_{A60}'],
  ['GitLab', 'glpat-{A20}', 'glpat-{A12}'],
  ['GitLab runner', 'glrt-{A20}', 'glrt-{A12}'],
  ['GitLab CI job', 'glcbt-1a_{A20}', 'glcbt-1a_{A12}'],
  ['GitLab, other', 'gldt-{A20}', 'gldt-{A12}'],
  ['GitLab registration', 'GR1348941{A20}', 'GR1348941{A12}'],
  ['GitLab session', '{S32}', '{S20}'],
  ['Atlassian', 'ATATT3{A186}', 'ATATT3{A40}'],
  ['Sourcegraph', 'sgp_{H40}', 'sgp_{H30}'],
  ['Terraform Cloud', '{A14}.atlasv1.{A67}', '{A14}.atlasv1.{A30}'],
  ['Infracost', 'ico-{A32}', 'ico-{A20}'],
  ['Prefect', 'pnu_{A36}', 'pnu_{A20}'],
  ['Harness', 'pat.{A22}.{A24}.{A20}', 'pat.{A22}.{A24}'],
  ['Octopus Deploy', 'API-{U26}', 'API-{U20}'],
  ['SettleMint', 'sm_pat_{A16}', 'sm_pat_{A10}'],
  ['Postman', 'PMAK-{H24}-{H34}', 'PMAK-{H24}-{H20}'],
  ['ReadMe', 'rdme_{S70}', 'rdme_{S60}'],
  ['Linear', 'lin_api_{A40}', 'lin_api_{A20}'],
  ['Notion', 'ntn_{D11}{A35}', 'ntn_{D10}x{A20}'],
  ['Figma', 'figd_{A40}', 'figd_{A20}'],
  ['Adobe', 'p8e-{A32}', 'p8e-{A20}'],
  ['npm', 'npm_{A36}', 'npm_{A30}'],
  ['PyPI', 'pypi-AgEIcHlwaS5vcmc{A80}', 'pypi-AgE{A20}'],
  ['RubyGems', 'rubygems_{H48}', 'rubygems_{H30}'],
  ['Clojars', 'CLOJARS_{A60}', 'CLOJARS_{A40}'],
  ['Docker Hub', 'dckr_pat_{A27}', 'dckr_pat_{A20}'],
  ['Artifactory', 'AKCp{A69}', 'AKCp{A60}'],
  ['Artifactory reference', 'cmVmd{A59}', 'cmVmd{A50}'],
  ['OpenAI', 'sk-{A20}T3BlbkFJ{A20}', 'sk-{A20}T3BlbkFJ{A12}'],
  ['OpenAI, project', 'sk-proj-{A74}T3BlbkFJ{A74}', 'sk-proj-{A20}T3BlbkFJ{A20}'],
  ['Anthropic', 'sk-ant-api03-{A93}AA', 'sk-ant-api03-{A40}AA'],
  ['OpenRouter', 'sk-or-v1-{H64}', 'sk-or-v1-{H40}'],
  ['Groq', 'gsk_{A52}', 'gsk_{A40}'],
  ['Perplexity', 'pplx-{A48}', 'pplx-{A40}'],
  ['Hugging Face', 'hf_{L34}', 'hf_{L30}'],
  ['Hugging Face organization', 'api_org_{L34}', 'api_org_{L30}'],
  ['Replicate', 'r8_{A37}', 'r8_{A30}'],
  ['xAI', 'xai-{A80}', 'xai-{A60}'],
  ['Slack', 'xoxb-{D12}-{D12}-{A24}', 'xoxb-{D4}'],
  ['Slack configuration', 'xoxe.xoxp-1-{U164}', 'xoxe.xoxp-1-{U40}'],
  ['Slack app', 'xapp-1-{U11}-{D13}-{H64}', 'xapp-1-{U11}'],
  ['Slack webhook', 'T{U8}/B{U8}/{A24}', 'T{U3}/B{U8}/{A24}'],
  ['Slack workflow', '{A44}', '{A20}'],
  ['Discord webhook', '{A68}', '{A40}'],
  ['Teams webhook', `${UUID}@${UUID}/IncomingWebhook/{H32}/${UUID}`, `${UUID}@${UUID}/{H32}`],
  ['Telegram bot', 'AA{A33}', 'AA{A20}'],
  ['Stripe', 'sk_live_{A24}', 'pk_live_{A24}'],
  ['Stripe, short', 'rk_test_{A20}', 'rk_test_{A6}'],
  ['Stripe webhook', 'whsec_{A32}', 'whsec_{A12}'],
  ['Square', 'sq0atp-{A22}', 'sq0atp-{A12}'],
  ['Flutterwave', 'FLWSECK_TEST-{H32}-X', 'FLWSECK_TEST-{H9}'],
  ['EasyPost', 'EZAK{A54}', 'EZAK{A40}'],
  ['Shopify', 'shpat_{H32}', 'shpat_{H20}'],
  ['Shippo', 'shippo_live_{H40}', 'shippo_live_{H30}'],
  ['Duffel', 'duffel_live_{A43}', 'duffel_live_{A30}'],
  ['SendGrid', 'SG.{A22}.{A43}', 'SG.{A12}.{A20}'],
  ['Sendinblue', 'xkeysib-{H64}-{A16}', 'xkeysib-{H64}'],
  ['Mailchimp', '{H32}-us12', '{H20}-us12'],
  ['Facebook page', 'EAAC{A120}', 'EAAC{A70}'],
  ['JSON Web Token', 'eyJ{A24}.eyJ{A40}.{A43}', 'eyJ{A24}'],
  ['JSON Web Token in Base64', 'ZXlK{A100}', 'ZXlK{A40}'],
  ['1Password service account', 'ops_eyJ{A300}', 'ops_eyJ{A40}'],
  ['1Password secret key', 'A3-{U6}-{U11}-{U5}-{U5}-{U5}', 'A3-{U6}-{U11}-{U5}'],
  [
    'age',
    'AGE-SECRET-KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE',
    'AGE-SECRET-KEY-1QPZRY9X8GF2',
  ],
  ['HashiCorp Vault', 'hvs.{A95}', 'hvs.{A20}'],
  ['Grafana', 'glsa_{A32}_{H8}', 'glsa_{A32}'],
  ['Grafana Cloud', 'glc_{A60}', 'glc_{A20}'],
  ['Grafana, old', 'eyJrIjoi{A80}', 'eyJrIjoi{A40}'],
  ['New Relic', 'NRAK-{U27}', 'NRAK-{U12}'],
  ['Sentry', 'sntrys_eyJ{A100}_{A43}', 'sntrys_eyJ{A100}_{A40}'],
  ['Sentry user', 'sntryu_{H64}', 'sntryu_{H60}'],
  ['Sonar', 'sqp_{H40}', 'sqp_{H30}'],
  ['Tailscale', 'tskey-auth-{A12}-{A24}', 'tskey-auth-{A4}'],
  ['MaxMind', '{A6}_{A29}_mmk', '{A6}_{A20}_mmk'],
  ['Frame.io', 'fio-u-{A64}', 'fio-u-{A40}'],
  ['Defined Networking', 'dnkey-{A26}-{A52}', 'dnkey-{A26}-{A40}'],
  ['Typeform', 'tfp_{A59}', 'tfp_{A40}'],
  ['Intra 42', 's-s4t2ud-{H64}', 's-s4t2ud-{H40}'],
  ['Authress', '{A40}', '{A20}'],
]

/** What stands before the secret of formats that begin with an address or a name. */
const BEFORE: Readonly<Record<string, string>> = {
  'GitLab session': '_gitlab_session=',
  'Slack webhook': 'https://hooks.slack.com/services/',
  'Slack workflow': 'https://hooks.slack.com/triggers/',
  'Discord webhook': 'https://discord.com/api/webhooks/123456789012345678/',
  'Teams webhook': 'https://x.webhook.office.com/webhookb2/',
  'Telegram bot': 'bot12345678:',
  Authress: 'sc_abcdefgh.ab12.acc_abcdefghijk.',
}

describe('formats', () => {
  it('are all in this table', () => {
    const names = new Set(FORMATS.map(([name]) => name))
    expect(
      [...TOKENS, AZURE_SECRET].map(({ name }) => name).filter((name) => !names.has(name)),
    ).toEqual([])
  })

  it.each(FORMATS)('%s: a key is found, and nothing that is almost one', (name, key, almost) => {
    const before = `see ${BEFORE[name] ?? ''}`
    expectFound(before, made(key), ' there')
    expectFound(`المفتاح هنا ${BEFORE[name] ?? ''}`, made(key), ' انتهى')
    expectKept(`${before}${made(almost)} there`)
  })

  it('are no keys inside words, of one letter, or known from public pages', () => {
    expectKept(`x${made('ghp_{A36}')}`)
    expectKept(`ghp_${'x'.repeat(36)}`)
    expectKept(`${'AKIA'}IOSFODNN7${'EXAMPLE'}`)
    expectKept(`AIza${'SyAnLA7NfeLquW1tJFpx_eQCxoX'}-oo6YyIs`)
  })

  it('are accepted by their checksum even if they do not look random', () => {
    const body = 'a'.repeat(30)
    expectFound('', `ghp_${body}${checksumOf(body)}`)
    expectKept(`ghp_${body}aaaaaa`)
  })
})

it('computes CRC-32 as zlib does', () => {
  expect(crc32('123456789')).toBe(0xcbf43926)
})

describe('names and what is assigned to them', () => {
  const secret = made('{A32}')
  it.each([
    ['api_key = "', '"'],
    ["apiKey: '", "',"],
    ['"access_token": "', '"'],
    ['export AWS_SECRET=', '\n'],
    ['auth_token := `', '`'],
    ['<clientSecret>', '</clientSecret>'],
    ['<add key="ApiToken" value="', '" />'],
    ['setProperty("API_TOKEN", "', '")'],
    ['private_key: |\n  ', '\n'],
    ['?token=', '&page=2'],
    ['مفتاح API: ', ' '],
    ['مفتاح الواجهة هو ', ' ثم'],
  ])('%j is found', (before, after) => expectFound(before, secret, after))

  it.each([
    ['password: "', 'hunter2!x', '"'],
    ['DB_PASSWORD=', 'Tr0ub4dor&3'.replace('&', '_'), '\n'],
    ['كلمة المرور: ', 'Qw7!kd92', ' فقط'],
    ['كلمة السر هي ', 'Zx81kq0p', '.'],
    ['كلمة المرور الخاصة بالحساب: "', 'aa82Kd!x', '"'],
    ['the password is ', 'm4rs-2030', '.'],
    ['mysql --password=', 'm42ploz2wd', ' -h db'],
  ])('%j is found with a password', (before, password, after) =>
    expectFound(before, password, after, false),
  )

  it.each([
    'api_key = "your-api-key-here-1234"',
    'API_KEY=xxxxxxxxxxxxxxxx1234',
    'token: "<token>"',
    `token: \${TOKEN_1a2b3c4d5e6f}`,
    'token = process.env.API_TOKEN_2',
    'password: changeme1',
    'password: "password1"',
    'password = user.password2',
    'passwd.value = convert_UTF8_to_tchar(text)',
    '$this->app->bind(RequirePassword::class)',
    'const Sent = PasswordBroker::RESET_LINK_SENT2',
    'postgresPassword:\n  postgresDatabase1: x',
    'max_tokens: 4096a1b2c3d4e5',
    'the key is 1 of 3 things, the token a word',
    'public_key = "9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit"',
    'primaryKey=a8f3k2j5h7d9s1a4',
    'password: redis.example.com',
    'val refreshClient: OAuth2AccessTokenResponseClient',
    'matches("password", "5f4dcc3b5aa765d61d8327deb882cf99")',
    'emptyPassword=Ung\\u00FCltige',
    'String encodedPassword = "ab1146a8458d4ce4e65789e5a3f60e42"',
    '"LockToken": "2294b3a1-eb60-4aa0-a86f-a3ae04329de9"',
    '"second_key" = "D55D0E1E-51D9-4BCE-9021-7D201906D3C0"',
    '"S3Key": "867139942017-EntitiesDetection-ab9887877365fe70"',
    'password = urn:k8s:secret:redis:password2',
    'Authorization: AWS4-HMAC-SHA256',
    '--docker-password=<your-password>\n  secret/kong-docker1',
    'kind of password: string',
    'كلمة المرور: مطلوبة',
    'كلمة السر يجب أن تكون طويلة: 8 أحرف',
    'مفتاح النجاح: العمل والصبر',
  ])('%j is kept', (text) => {
    expectKept(text)
    expectKept(text, false)
  })

  it.each([
    `"integrity": "sha512-${made('{A86}')}=="`,
    `commit ${made('{H40}')}`,
    `id: ${made(UUID)}`,
    `checksum = "${made('{H64}')}"`,
    `src="data:image/png;base64,${made('{A200}')}"`,
    `ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB${made('{A120}')}`,
    `kms_key_id: ${made(UUID)}`,
  ])('what only looks random is kept: %j', (text) => expectKept(text))

  it.each([
    'forgot_password=Zapomenuté heslo',
    'reset_password=Resetați-vă parola',
    'pdfjs-password-cancel-button = Cancel·la',
    'password: كلمةالسر',
    'reset_password_within = 5.days',
    'password: 4.days.ago',
    'PASSWORD: 0x0002000,',
    'String password = sha256Hash.toHex();',
    "key: '_password_changed_at', value: valueAsDate1",
  ])('words, times and constants are kept: %j', (text) => expectKept(text))

  it('passwords with letters beyond ASCII are found by their digits and signs', () => {
    expectFound("PASSWORD = '", 'P4§$w0rd', "'")
    expectFound('password: "', 'Contraseña2026!', '"')
  })

  it('a UUID is a key where a service uses them, or the name says so', () => {
    expectFound('heroku_api_key = "', made(UUID), '"')
    expectFound('SONAR_LOGIN = "', made('{H40}'), '"')
  })

  it('a long key is read to its end', () => {
    expectFound('token=', made('{A900}'), '\n')
  })
})

describe('logins', () => {
  it.each([
    ['postgres://app:', 's3cr3tP4ss', '@db.host.net/x'],
    ['mongodb+srv://u:', 'myp@ss9w0rd', '@cluster0.host.net'],
    ['https://', made('{H40}'), ':x-oauth-basic@github.com/a/b'],
    ['curl -u name:', 'd2LkV78zLx', ' https://x.org'],
    ["curl -s \\\n  --user 'api:", 'd2LkV78zLx!t', "' https://x.org"],
    ['Authorization: Bearer ', made('{A40}'), '\n'],
    ['"Authorization": "Token ', made('{H40}'), '"'],
    ['Authorization: Basic ', Buffer.from('name:pass9x').toString('base64'), '\n'],
  ])('the secret after %j is found', (before, secret, after) => expectFound(before, secret, after))

  it.each([
    'http://user:pass@host.net',
    'mysql://mysql:mysql@localhost:3306/db',
    `postgres://app:\${PASSWORD}@db/x`,
    'http://{user}:{password}@host.net',
    'curl -u user:password https://x.org',
    'nc -u -l 41234:41235',
    'basic training for the team',
    'Authorization: Bearer <token>',
    'https://{token}:x-access-token@github.com/owner/name',
  ])('%j is kept', (text) => expectKept(text))
})

describe('blocks', () => {
  const pem = (body: string): string =>
    `-----BEGIN ${'PRIVATE'} KEY-----\n${body}\n-----END ${'PRIVATE'} KEY-----`
  it('private keys go whole, and code and examples of them stay', () => {
    expectFound('key:\n', pem(`${made('{A64}')}\n${made('{A64}')}\n${made('{A20}')}`), '\nend')
    expectKept(pem('xxx'))
    expectKept(pem('x'.repeat(64)))
  })

  it('values of Kubernetes secrets go, each of them; certificates and other kinds stay', () => {
    const value = (text: string): string => Buffer.from(text).toString('base64')
    const yaml = (kind: string, a: string, b: string): string =>
      `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: db\ndata:\n  one: ${a}\n  two: ${b}\n`
    const [a, b] = [value('admin:hunter2'), value('s3cr3t-9')]
    expect(redactedText(yaml('Secret', a, b))).toBe(yaml('Secret', '<KEY>', '<KEY>'))
    expectKept(yaml('ConfigMap', a, b))
    expectKept(yaml('Secret', value('-----BEGIN CERTIFICATE-----\nabc'), '""'))
  })
})
