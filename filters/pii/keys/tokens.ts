// Keys whose format names their issuer, as data: prefix, length, alphabet.
//
// Origin: prefixes, lengths and alphabets of gitleaks (github.com/gitleaks/gitleaks at
// b58d3f102cf3, cmd/generate/config/rules, MIT) and secretlint (github.com/secretlint/secretlint at
// 18346ba31b81, packages/@secretlint/secretlint-rule-*, MIT), both of which take them from the
// issuers' pages. OpenRouter, Replicate and xAI: their documentation.

/** A format of keys. */
export interface TokenRule {
  /** The issuer, and the kind of key where it has several. */
  readonly name: string
  /** What the scanner looks for, `back` bytes after the start of the key. */
  readonly starts: readonly string[]
  readonly back?: number
  /**
   * Source of the pattern of the whole key; the secret is its first group, or all of it. A letter
   * or digit never follows.
   */
  readonly pattern: string
  /** Least Shannon entropy of the secret, in bits per character; 3 if left out. */
  readonly entropy?: number
  /** Whether the key may stand inside a word, as the path of a URL. */
  readonly inside?: boolean
  /** Most bytes of the key; 400 if left out. */
  readonly most?: number
  /** Whether the last six characters are the CRC-32 of the rest after the prefix, in base 62. */
  readonly crc?: boolean
}

/** A UUID of whatever letters and digits. */
const ID = '[0-9a-z]{8}(?:-[0-9a-z]{4}){3}-[0-9a-z]{12}'

const CLOUDS: readonly TokenRule[] = [
  {
    name: 'AWS access key',
    starts: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: 'A(?:KI|SI|BI|CC)A[A-Z2-7]{16}',
  },
  { name: 'AWS Bedrock', starts: ['ABSK'], pattern: 'ABSK[A-Za-z0-9+/]{109,269}={0,2}(?![=+/])' },
  {
    name: 'AWS Bedrock, short-lived',
    starts: ['bedrock-api-key-'],
    pattern: 'bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[\\w%.+/=-]*',
    most: 4096,
  },
  { name: 'Google API', starts: ['AIza'], pattern: 'AIza[\\w-]{35}(?![\\w-])' },
  { name: 'Google OAuth', starts: ['ya29.'], pattern: 'ya29\\.[\\w-]{20,}' },
  { name: 'Google OAuth client', starts: ['GOCSPX-'], pattern: 'GOCSPX-[\\w-]{28}' },
  { name: 'Alibaba', starts: ['LTAI'], pattern: 'LTAI[A-Za-z0-9]{12,26}' },
  {
    name: 'DigitalOcean',
    starts: ['dop_v1_', 'doo_v1_', 'dor_v1_'],
    pattern: 'do[opr]_v1_[a-f0-9]{64}',
  },
  { name: 'Heroku', starts: ['HRKU-AA'], pattern: 'HRKU-AA[\\w-]{58}' },
  { name: 'Cloudflare origin CA', starts: ['v1.0-'], pattern: 'v1\\.0-[a-f0-9]{24}-[a-f0-9]{146}' },
  {
    name: 'Cloudflare',
    starts: ['cfat_', 'cfut_', 'cfk_'],
    pattern: 'cf(?:at|ut|k)_[A-Za-z0-9]{40}[0-9a-f]{8}',
  },
  {
    name: 'Fly.io',
    starts: ['fo1_', 'fm1a_', 'fm1r_', 'fm2_'],
    pattern: '(?:fo1_[\\w-]{43}|fm(?:1[ar]|2)_[A-Za-z0-9+/]{100,}={0,3})(?![\\w+/-])',
    most: 4096,
    entropy: 4,
  },
  { name: 'Scalingo', starts: ['tk-us-'], pattern: 'tk-us-[\\w-]{48}' },
  {
    name: 'Vercel',
    starts: ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'],
    pattern: 'vc[pirak]_[A-Za-z0-9]{20,60}',
  },
  { name: 'Pulumi', starts: ['pul-'], pattern: 'pul-[a-f0-9]{40}' },
  { name: 'Doppler', starts: ['dp.pt.'], pattern: 'dp\\.pt\\.[A-Za-z0-9]{43}' },
  { name: 'Dynatrace', starts: ['dt0c01.'], pattern: 'dt0c01\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{64}' },
  { name: 'Databricks', starts: ['dapi'], pattern: 'dapi[a-fA-F0-9]{32}(?:-\\d)?' },
  { name: 'OpenShift', starts: ['sha256~'], pattern: 'sha256~[\\w-]{43}(?![\\w-])', entropy: 3.5 },
  { name: 'Yandex API', starts: ['AQVN'], pattern: 'AQVN[\\w-]{35,38}(?![\\w-])' },
  {
    name: 'PlanetScale',
    starts: ['pscale_pw_', 'pscale_tkn_', 'pscale_oauth_'],
    pattern: 'pscale_(?:pw|tkn|oauth)_[\\w=.-]{32,64}',
  },
]

const CODE_HOSTS: readonly TokenRule[] = [
  {
    name: 'GitHub',
    starts: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    pattern: 'gh[pousr]_[A-Za-z0-9]{36}(?:[A-Za-z0-9]{0,219})',
    crc: true,
  },
  {
    name: 'GitHub App, signed',
    starts: ['ghs_'],
    pattern: 'ghs_\\d+_eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]+',
    most: 4096,
  },
  { name: 'GitHub, fine-grained', starts: ['github_pat_'], pattern: 'github_pat_\\w{82}' },
  {
    name: 'GitLab',
    starts: ['glpat-'],
    pattern: 'glpat-[\\w-]{20}(?:[\\w-]{7,280}\\.[0-9a-z]{9})?',
  },
  {
    name: 'GitLab runner',
    starts: ['glrt-'],
    pattern: 'glrt-(?:t\\d_[\\w-]{27,300}\\.[0-9a-z]{9}|[\\w-]{20})',
  },
  { name: 'GitLab CI job', starts: ['glcbt-'], pattern: 'glcbt-[0-9a-zA-Z]{1,5}_[\\w-]{20}' },
  {
    name: 'GitLab, other',
    starts: ['gldt-', 'glft-', 'glffct-', 'glsoat-', 'glimt-', 'gloas-', 'glagent-', 'glptt-'],
    pattern: 'gl(?:dt|ft|ffct|soat|imt|oas|agent|ptt)-[\\w-]{20,64}',
  },
  { name: 'GitLab registration', starts: ['GR1348941'], pattern: 'GR1348941[\\w-]{20}' },
  {
    name: 'GitLab session',
    starts: ['_gitlab_session='],
    pattern: '_gitlab_session=([0-9a-z]{32})',
    inside: true,
  },
  { name: 'Atlassian', starts: ['ATATT3'], pattern: 'ATATT3[\\w=-]{60,}' },
  {
    name: 'Sourcegraph',
    starts: ['sgp_'],
    pattern: 'sgp_(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}',
  },
  {
    name: 'Terraform Cloud',
    starts: ['.atlasv1.'],
    back: 14,
    pattern: '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w=-]{60,70}',
  },
  { name: 'Infracost', starts: ['ico-'], pattern: 'ico-[a-zA-Z0-9]{32}' },
  { name: 'Prefect', starts: ['pnu_'], pattern: 'pnu_[a-zA-Z0-9]{36}' },
  {
    name: 'Harness',
    starts: ['pat.', 'sat.'],
    pattern: '[ps]at\\.[\\w-]{22}\\.[a-zA-Z0-9]{24}\\.[a-zA-Z0-9]{20}',
  },
  { name: 'Octopus Deploy', starts: ['API-'], pattern: 'API-[A-Z0-9]{26}' },
  {
    name: 'SettleMint',
    starts: ['sm_pat_', 'sm_aat_', 'sm_sat_'],
    pattern: 'sm_[pas]at_[a-zA-Z0-9]{16}',
  },
  { name: 'Postman', starts: ['PMAK-'], pattern: 'PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}' },
  { name: 'ReadMe', starts: ['rdme_'], pattern: 'rdme_[a-z0-9]{70}' },
  { name: 'Linear', starts: ['lin_api_'], pattern: 'lin_api_\\w{32,128}' },
  { name: 'Notion', starts: ['ntn_'], pattern: 'ntn_[0-9]{11}[A-Za-z0-9]{35}' },
  { name: 'Figma', starts: ['figd_'], pattern: 'figd_[\\w-]{40,200}' },
  { name: 'Adobe', starts: ['p8e-'], pattern: 'p8e-[A-Za-z0-9]{32}' },
]

const REGISTRIES: readonly TokenRule[] = [
  { name: 'npm', starts: ['npm_'], pattern: 'npm_[A-Za-z0-9]{36}(?!\\w)', crc: true },
  { name: 'PyPI', starts: ['pypi-AgE'], pattern: 'pypi-AgE[\\w-]{50,1000}', most: 1100 },
  { name: 'RubyGems', starts: ['rubygems_'], pattern: 'rubygems_[a-f0-9]{48}' },
  { name: 'Clojars', starts: ['CLOJARS_'], pattern: 'CLOJARS_[A-Za-z0-9]{60}' },
  { name: 'Docker Hub', starts: ['dckr_pat_'], pattern: 'dckr_pat_[\\w-]{27}' },
  { name: 'Artifactory', starts: ['AKCp'], pattern: 'AKCp[A-Za-z0-9]{69}', entropy: 4.5 },
  {
    name: 'Artifactory reference',
    starts: ['cmVmd'],
    pattern: 'cmVmd[A-Za-z0-9]{59}',
    entropy: 4.5,
  },
]

const AI: readonly TokenRule[] = [
  {
    name: 'OpenAI',
    starts: ['T3BlbkFJ'],
    back: 23,
    pattern: 'sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}',
  },
  {
    name: 'OpenAI, project',
    starts: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    pattern: 'sk-(?:proj|svcacct|admin)-[\\w-]{58,74}T3BlbkFJ[\\w-]{58,74}(?!-)',
  },
  {
    name: 'Anthropic',
    starts: ['sk-ant-'],
    pattern: 'sk-ant-(?:api0\\d|admin0\\d|oat0\\d|sid0\\d)-[\\w-]{80,128}AA(?![\\w-])',
  },
  { name: 'OpenRouter', starts: ['sk-or-v1-'], pattern: 'sk-or-v1-[a-f0-9]{64}' },
  { name: 'Groq', starts: ['gsk_'], pattern: 'gsk_[a-zA-Z0-9]{52}' },
  { name: 'Perplexity', starts: ['pplx-'], pattern: 'pplx-[a-zA-Z0-9]{48}', entropy: 4 },
  { name: 'Hugging Face', starts: ['hf_'], pattern: 'hf_[A-Za-z]{34}(?!\\w)' },
  {
    name: 'Hugging Face organization',
    starts: ['api_org_'],
    pattern: 'api_org_[A-Za-z]{34}(?!\\w)',
  },
  { name: 'Replicate', starts: ['r8_'], pattern: 'r8_[A-Za-z0-9]{37}' },
  { name: 'xAI', starts: ['xai-'], pattern: 'xai-[A-Za-z0-9]{80}' },
]

const CHAT: readonly TokenRule[] = [
  {
    name: 'Slack',
    starts: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxo-', 'xoxe-'],
    pattern:
      'xox(?:[abeoprs]-(?:\\d-)?\\d{6,14}(?:-[A-Za-z0-9]{1,64}){1,4}|[are]-(?:\\d-)?[A-Za-z0-9]{8,170})(?!-?[A-Za-z0-9#*])',
    entropy: 2,
  },
  {
    name: 'Slack configuration',
    starts: ['xoxe.xox'],
    pattern: 'xoxe\\.xox[bp]-\\d-[A-Za-z0-9]{163,166}',
    entropy: 2,
  },
  {
    name: 'Slack app',
    starts: ['xapp-'],
    pattern: 'xapp-\\d-[A-Za-z0-9]+-\\d+-[a-zA-Z0-9]{8,}',
    entropy: 2,
  },
  {
    name: 'Slack webhook',
    starts: ['.slack.com/servi'],
    pattern: '\\.slack\\.com/services/(T\\w{5,}/B\\w{5,}/\\w{8,}|[A-Za-z0-9+/]{43,60})',
    inside: true,
    entropy: 2,
  },
  {
    name: 'Slack workflow',
    starts: ['.slack.com/workf', '.slack.com/trigg'],
    pattern: '\\.slack\\.com/(?:workflows|triggers)/([A-Za-z0-9+/]{43,80})',
    inside: true,
  },
  {
    name: 'Discord webhook',
    starts: ['/api/webhooks/'],
    pattern: '/api/webhooks/\\d{17,20}/([\\w-]{60,80})',
    inside: true,
  },
  {
    name: 'Teams webhook',
    starts: ['webhook.office.c'],
    pattern: `webhook\\.office\\.com/webhookb2/(${ID}@${ID}/IncomingWebhook/[a-z0-9]{32}/${ID})`,
    inside: true,
  },
  { name: 'Telegram bot', starts: [':AA'], pattern: ':(AA[\\w-]{33})(?![\\w-])', inside: true },
]

const PAYMENT_AND_MAIL: readonly TokenRule[] = [
  {
    name: 'Stripe',
    starts: ['k_live_', 'k_test_', 'k_prod_'],
    back: 1,
    pattern: '[rs]k_(?:live|test|prod)_[A-Za-z0-9]{24,99}',
    entropy: 1,
  },
  {
    name: 'Stripe, short',
    starts: ['k_live_', 'k_test_', 'k_prod_'],
    back: 1,
    pattern: '[rs]k_(?:live|test|prod)_[A-Za-z0-9]{10,23}',
    entropy: 3.4,
  },
  { name: 'Stripe webhook', starts: ['whsec_'], pattern: 'whsec_[A-Za-z0-9+/]{24,}={0,2}' },
  { name: 'Square', starts: ['sq0atp-', 'sq0csp-'], pattern: 'sq0(?:atp|csp)-[\\w-]{22,60}' },
  { name: 'Square', starts: ['EAAA'], pattern: 'EAAA[\\w-]{22,60}(?![\\w-])', entropy: 3.5 },
  {
    name: 'Flutterwave',
    starts: ['FLWSECK_TEST-', 'FLWPUBK_TEST-', 'FLWSECK-'],
    pattern: 'FLW(?:SEC|PUB)K(?:_TEST)?-(?:[a-hA-H0-9]{32}-X|[a-hA-H0-9]{12})',
    entropy: 2,
  },
  { name: 'EasyPost', starts: ['EZAK', 'EZTK'], pattern: 'EZ[AT]K[A-Za-z0-9]{54}' },
  {
    name: 'Shopify',
    starts: ['shpat_', 'shpss_', 'shpca_', 'shppa_'],
    pattern: 'shp(?:at|ss|ca|pa)_[a-zA-Z0-9]{32,64}',
  },
  {
    name: 'Shippo',
    starts: ['shippo_live_', 'shippo_test_'],
    pattern: 'shippo_(?:live|test)_[a-fA-F0-9]{40}',
  },
  {
    name: 'Duffel',
    starts: ['duffel_live_', 'duffel_test_'],
    pattern: 'duffel_(?:live|test)_[\\w=-]{43}',
  },
  { name: 'SendGrid', starts: ['SG.'], pattern: 'SG\\.[\\w=.-]{56,80}(?![\\w-])' },
  { name: 'Sendinblue', starts: ['xkeysib-'], pattern: 'xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}' },
  {
    name: 'Mailchimp',
    starts: ['-us1', '-us2'],
    back: 32,
    pattern: '[0-9a-f]{32}-us\\d{1,2}',
  },
  {
    name: 'Facebook page',
    starts: ['EAAM', 'EAAC'],
    pattern: 'EAA[MC][A-Za-z0-9]{100,}',
    most: 600,
    entropy: 4,
  },
]

const OTHERS: readonly TokenRule[] = [
  {
    name: 'JSON Web Token',
    starts: ['eyJ'],
    pattern: 'eyJ[\\w-]{8,}\\.ey[\\w\\\\/-]{8,}(?:\\.(?:[\\w\\\\/-]+={0,2})?)?',
    most: 8192,
  },
  {
    name: 'JSON Web Token in Base64',
    starts: ['ZXlK'],
    pattern: 'ZXlK[A-Za-z0-9+/]{60,}={0,2}',
    most: 8192,
    entropy: 4,
  },
  {
    name: '1Password service account',
    starts: ['ops_eyJ'],
    pattern: 'ops_eyJ[A-Za-z0-9+/]{100,}={0,3}',
    most: 4096,
    entropy: 4,
  },
  {
    name: '1Password secret key',
    starts: ['A3-'],
    pattern: 'A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}',
    entropy: 3.8,
  },
  {
    name: 'age',
    starts: ['AGE-SECRET-KEY-1'],
    pattern: 'AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}',
  },
  {
    name: 'HashiCorp Vault',
    starts: ['hvs.', 'hvb.', 'hvr.'],
    pattern: 'hv[sbr]\\.[\\w-]{60,300}(?![\\w-])',
    entropy: 3.5,
  },
  { name: 'Grafana', starts: ['glsa_'], pattern: 'glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}' },
  { name: 'Grafana Cloud', starts: ['glc_'], pattern: 'glc_[A-Za-z0-9+/]{32,400}={0,3}' },
  {
    name: 'Grafana, old',
    starts: ['eyJrIjoi'],
    pattern: 'eyJrIjoi[A-Za-z0-9]{70,400}={0,3}',
    most: 420,
  },
  {
    name: 'New Relic',
    starts: ['NRAK-', 'NRJS-', 'NRII-', 'NRRA-', 'NRSP-'],
    pattern: 'NR(?:AK|JS|II|RA|SP)-[A-Za-z0-9-]{19,64}',
  },
  {
    name: 'Sentry',
    starts: ['sntrys_'],
    pattern: 'sntrys_eyJ[A-Za-z0-9+/]{40,420}={0,2}_[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])',
    entropy: 4.5,
    most: 520,
  },
  { name: 'Sentry user', starts: ['sntryu_'], pattern: 'sntryu_[a-f0-9]{64}', entropy: 3.2 },
  { name: 'Sonar', starts: ['squ_', 'sqp_', 'sqa_'], pattern: 'sq[upa]_[a-z0-9]{40}' },
  {
    name: 'Tailscale',
    starts: ['tskey-'],
    pattern: 'tskey-[a-z]{2,20}-[0-9A-Za-z_]{8,40}-[0-9A-Za-z_]{16,60}',
    entropy: 1,
  },
  {
    name: 'MaxMind',
    starts: ['_mmk'],
    back: 36,
    pattern: '[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk',
    entropy: 4,
  },
  { name: 'Frame.io', starts: ['fio-u-'], pattern: 'fio-u-[\\w=-]{64}' },
  { name: 'Defined Networking', starts: ['dnkey-'], pattern: 'dnkey-[\\w=-]{26}-[\\w=-]{52}' },
  { name: 'Typeform', starts: ['tfp_'], pattern: 'tfp_[\\w.=-]{59}' },
  { name: 'Intra 42', starts: ['s-s4t2'], pattern: 's-s4t2(?:ud|af)-[a-fA-F0-9]{64}' },
  {
    name: 'Authress',
    starts: ['.acc_', '.acc-'],
    back: 0,
    pattern: '\\.acc[_-][A-Za-z0-9-]{10,32}\\.([A-Za-z0-9+/_=-]{30,120})',
    inside: true,
  },
]

/** Client secrets of Azure AD have a `~` after five characters, and no prefix. */
export const AZURE_SECRET: TokenRule = {
  name: 'Azure AD client secret',
  starts: [],
  back: 5,
  pattern: '[\\w~.]{3}\\dQ~[\\w~.-]{31,34}(?![\\w~.-])',
}

/** Every format that a fragment starts; where two match at one place, the first wins. */
export const TOKENS: readonly TokenRule[] = [
  ...CLOUDS,
  ...CODE_HOSTS,
  ...REGISTRIES,
  ...AI,
  ...CHAT,
  ...PAYMENT_AND_MAIL,
  ...OTHERS,
]
