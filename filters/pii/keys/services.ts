// Services whose keys carry no prefix: their name stands in the name of the variable.
//
// Origin: names and lengths of gitleaks (github.com/gitleaks/gitleaks at b58d3f102cf3,
// cmd/generate/config/rules, MIT); `aws` and `azure` of secretlint
// (github.com/secretlint/secretlint at 18346ba31b81, MIT).
import { wordShare } from './random.ts'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/** The name of a service, in lower case, and sources of the patterns of its keys, in any case. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  adafruit: ['[\\w-]{32}'],
  adobe: ['[a-f0-9]{32}'],
  airtable: ['[a-z0-9]{17}', 'pat[a-z0-9]{14}\\.[a-f0-9]{64}'],
  algolia: ['[a-z0-9]{32}'],
  alibaba: ['[a-z0-9]{30}'],
  asana: ['\\d{16}', '[a-z0-9]{32}'],
  atlassian: ['[a-z0-9]{20}[a-f0-9]{4}'],
  aws_account: ['\\d{4}-?\\d{4}-?\\d{4}'],
  beamer: ['b_[\\w=-]{44}'],
  bitbucket: ['[a-z0-9]{32}', '[\\w=-]{64}'],
  bittrex: ['[a-z0-9]{32}'],
  clickhouse: ['4b1d[a-z0-9]{38}'],
  cloudflare: ['[a-f0-9]{37}', '[\\w-]{40}'],
  codecov: ['[a-z0-9]{32}'],
  cohere: ['[a-z0-9]{40}'],
  coinbase: ['[\\w-]{64}'],
  confluence: ['[a-z0-9]{20}[a-f0-9]{4}'],
  confluent: ['[a-z0-9]{64}', '[a-z0-9]{16}'],
  contentful: ['[\\w=-]{43}'],
  contribsys: ['[a-f0-9]{8}:[a-f0-9]{8}'],
  datadog: ['[a-z0-9]{40}'],
  discord: ['[a-f0-9]{64}', '\\d{18}', '[\\w=-]{32}'],
  droneci: ['[a-z0-9]{32}'],
  dropbox: ['[a-z0-9]{15}', 'sl\\.[\\w=-]{135}', '[a-z0-9]{11}A{10}[\\w=-]{43}'],
  etsy: ['[a-z0-9]{24}'],
  facebook: ['[a-f0-9]{32}'],
  fastly: ['[\\w=-]{32}'],
  finicity: ['[a-z0-9]{20}', '[a-f0-9]{32}'],
  finnhub: ['[a-z0-9]{20}'],
  flickr: ['[a-z0-9]{32}'],
  freshbooks: ['[a-z0-9]{64}'],
  gitter: ['[\\w-]{40}'],
  gocardless: ['live_[\\w=-]{40}'],
  heroku: [UUID],
  hubspot: [UUID],
  intercom: ['[\\w=-]{60}'],
  jfrog: ['[a-z0-9]{73}', '[a-z0-9]{64}'],
  artifactory: ['[a-z0-9]{73}', '[a-z0-9]{64}'],
  bintray: ['[a-z0-9]{73}', '[a-z0-9]{64}'],
  jira: ['[a-z0-9]{20}[a-f0-9]{4}'],
  kraken: ['[\\w/=+-]{80,90}'],
  kucoin: ['[a-f0-9]{24}', UUID],
  launchdarkly: ['[\\w=-]{40}'],
  linear: ['[a-f0-9]{32}'],
  linkedin: ['[a-z0-9]{14}', '[a-z0-9]{16}'],
  linked_in: ['[a-z0-9]{14}', '[a-z0-9]{16}'],
  'linked-in': ['[a-z0-9]{14}', '[a-z0-9]{16}'],
  lob: ['(?:test|live)_(?:pub_[a-f0-9]{31}|[a-f0-9]{35})'],
  looker: ['[a-z0-9]{20}', '[a-z0-9]{24}'],
  mailchimp: ['[a-f0-9]{32}-us\\d\\d?'],
  mailgun: ['(?:pub)?key-[a-f0-9]{32}', '[a-h0-9]{32}-[a-h0-9]{8}-[a-h0-9]{8}'],
  mapbox: ['[ps]k\\.[a-z0-9]{60}\\.[\\w-]{22}'],
  mattermost: ['[a-z0-9]{26}'],
  meraki: ['[0-9a-f]{40}'],
  messagebird: ['[a-z0-9]{25}', UUID],
  message_bird: ['[a-z0-9]{25}', UUID],
  'message-bird': ['[a-z0-9]{25}', UUID],
  netlify: ['[\\w=-]{40,46}'],
  newrelic: ['[a-z0-9]{64}'],
  'new-relic': ['[a-z0-9]{64}'],
  new_relic: ['[a-z0-9]{64}'],
  newyorktimes: ['[\\w=-]{32}'],
  nytimes: ['[\\w=-]{32}'],
  okta: ['00[\\w=-]{40}'],
  plaid: ['[a-z0-9]{24}', '[a-z0-9]{30}', `access-(?:sandbox|development|production)-${UUID}`],
  private_ai: ['[a-z0-9]{32}'],
  privateai: ['[a-z0-9]{32}'],
  rapidapi: ['[\\w-]{50}'],
  sendbird: ['[a-f0-9]{40}', UUID],
  sentry: ['[a-f0-9]{64}'],
  snyk: [UUID],
  sonar: ['(?:sq[upa]_)?[\\w=-]{40}'],
  sourcegraph: ['[a-f0-9]{40}'],
  squarespace: [UUID],
  sumo: ['su[a-z0-9]{12}', '[a-z0-9]{64}'],
  telegr: ['\\d{5,16}:A[\\w-]{34}'],
  travis: ['[a-z0-9]{22}'],
  trello: ['[a-z0-9-]{32}'],
  twilio: ['SK[a-f0-9]{32}'],
  twitch: ['[a-z0-9]{30}'],
  twitter: [
    '[a-z0-9]{25}',
    '[a-z0-9]{45}',
    '[a-z0-9]{50}',
    'A{22}[a-z0-9%]{80,100}',
    '\\d{15,25}-[a-z0-9]{20,40}',
  ],
  xray: ['[a-z0-9]{73}', '[a-z0-9]{64}'],
  yandex: ['YC[\\w-]{38}', 't1\\.[\\w-]+={0,2}\\.[\\w-]{86}={0,2}'],
  zendesk: ['[a-z0-9]{40}'],
  ad_tenant: [UUID],
  azure: [UUID, '[\\w.~-]{40}'],
}

const SERVICE_NAMES: readonly string[] = Object.keys(SERVICES)

/**
 * Services that the scanner looks for, in any case, since their keys are often assigned to the bare
 * name. Each further one slows the scan, so the others are found by words such as "token".
 */
export const BARE_SERVICES = [
  'cloudflare',
  'contribsys',
  'artifactory',
  'sourcegraph',
  'ad_tenant',
  'azure_client',
  'sonar',
  'sumologic',
  'messagebird',
  'aws_account',
] as const

const patterns = new Map(
  Object.entries(SERVICES).map(([name, shapes]) => [
    name,
    new RegExp(`^(?:${shapes.join('|')})$`, 'i'),
  ]),
)
const anyService = new RegExp(`(?<![a-z])(?:${SERVICE_NAMES.join('|')})`, 'g')

/** Whether a value has the form of a key of a service that the words of a name name. */
export function isKeyOfService(words: readonly string[], value: string): boolean {
  const spaced = words.join('_')
  const joined = words.join('')
  const services = [
    ...(spaced.match(anyService) ?? []),
    // `launchDarkly`; of short names the parts of others would be taken.
    ...(joined.match(anyService) ?? []).filter((service) => service.length > SHORT_NAME),
  ]
  return isNoWord(value) && services.some((service) => patterns.get(service)?.test(value) === true)
}

const SHORT_NAME = 6

/** Names and sentences may have the length of a key by chance. */
const isNoWord = (value: string): boolean =>
  (/\d/.test(value) && wordShare(value) < 0.5) || /^[a-f0-9]+(?:[:-][a-f0-9]+)+$/i.test(value)
