// What others find in the sentences: presidio's recognisers that need no language model, and the
// telephone numbers of libphonenumber-js.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { installNpmPeers } from '../peers/npm.ts'
import type { Sentence } from './pii-sentences.ts'
import type { QualityContext } from './section.ts'

/** UTF-16 units `[start, end)`, and the placeholder we would write for such a finding. */
export interface PeerSpan {
  readonly start: number
  readonly end: number
  readonly placeholder: string
}

/** For each sentence what was found in it. */
export interface SpanPeer {
  readonly name: string
  /** Placeholders of the kinds it looks for at all. */
  readonly kinds: readonly string[]
  readonly found: readonly (readonly PeerSpan[])[]
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ EMAIL_ADDRESS: '<EMAIL>', IP_ADDRESS: '<IP_ADDRESS>', PHONE_NUMBER: '<PHONE>' },
  ...{ IBAN_CODE: '<IBAN>', CREDIT_CARD: '<CARD>' },
}

/** Words are their own lemmas: no model is loaded, and words before a number raise its score. */
const PRESIDIO = `
import json, sys, spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers as known
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
class Words(NlpEngine):
    words = spacy.blank("en")
    def load(self): pass
    def is_loaded(self): return True
    def process_text(self, text, language):
        doc = self.words(text)
        lower = [token.text.lower() for token in doc]
        return NlpArtifacts([], doc, [token.idx for token in doc], lower, self, language, None)
    def process_batch(self, texts, language, **kwargs):
        for text in texts: yield text, self.process_text(text, language)
    def is_stopword(self, word, language): return False
    def is_punct(self, word, language): return not any(c.isalnum() for c in word)
    def get_supported_entities(self): return []
    def get_supported_languages(self): return ["en"]
names = ["CreditCard", "Iban", "Ip", "Email", "Phone", "UsSsn", "UkNino", "Nhs", "InPan",
         "InAadhaar", "EsNif", "EsNie", "UsPassport"]
registry = RecognizerRegistry(
    [getattr(known, name + "Recognizer")(supported_language="en") for name in names],
    supported_languages=["en"])
engine = AnalyzerEngine(registry=registry, nlp_engine=Words(), supported_languages=["en"])
for text in json.load(sys.stdin):
    print(json.dumps([[r.start, r.end, r.entity_type, r.score] for r in engine.analyze(text, "en")]))
`

const SPEC = 'presidio-analyzer==2.2.360'
/** Scores from here on are reported by the stricter of the two; presidio's own default is 0. */
const LEAST_SCORE = 0.4

/** presidio with every score, and with the higher ones. */
export function presidio(context: QualityContext, sentences: readonly Sentence[]): SpanPeer[] {
  const python = context.python([{ module: 'presidio_analyzer', spec: SPEC }])
  if (python === undefined) return []
  const { stdout, status, stderr } = spawnSync(python, ['-c', PRESIDIO], {
    input: JSON.stringify(sentences.map(({ text }) => text)),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`presidio failed: ${stderr.trim()}`)
  type Row = readonly [start: number, end: number, entity: string, score: number]
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as readonly Row[])
  const kinds = [...Object.values(ENTITIES), '<NATIONAL_ID>']
  const at = (name: string, least: number): SpanPeer => ({
    name,
    kinds,
    found: rows.map((row) =>
      row
        .filter(([, , , score]) => score >= least)
        .map(([start, end, entity]) => ({
          start,
          end,
          placeholder: ENTITIES[entity] ?? '<NATIONAL_ID>',
        })),
    ),
  })
  return [at('presidio, any score', 0), at(`presidio, ${LEAST_SCORE} and more`, LEAST_SCORE)]
}

/** The part of libphonenumber-js that is used. */
interface PhoneLibrary {
  findPhoneNumbersInText(
    text: string,
    country: string,
  ): readonly { readonly startsAt: number; readonly endsAt: number }[]
}

/** Finds telephone numbers in a text as libphonenumber-js does, with all its metadata. */
export function phoneLibrary(
  { cache }: QualityContext,
  country: string,
): ((text: string) => readonly PeerSpan[]) | undefined {
  const { folder, missing } = installNpmPeers(cache, { 'libphonenumber-js': '1.13.16' })
  for (const [name, reason] of missing) console.error(`${name} is left out: ${reason}`)
  if (missing.size > 0) return undefined
  const library = createRequire(join(folder, 'package.json'))(
    'libphonenumber-js/max',
  ) as PhoneLibrary
  return (text) =>
    library
      .findPhoneNumbersInText(text, country)
      .map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt, placeholder: '<PHONE>' }))
}
