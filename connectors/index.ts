import type { ConnectorComponent } from '../src/core/connector.ts'

/**
 * Every connector by name, loaded on first use. A test compares this list with the folders next to
 * this file.
 */
export const connectors: Readonly<Record<string, () => Promise<ConnectorComponent>>> = {
  'arabic-ocr': () => import('./arabic-ocr/index.ts').then((m) => m.arabicOcr),
  arxiv: () => import('./arxiv/index.ts').then((m) => m.arxiv),
  github: () => import('./github/index.ts').then((m) => m.github),
  hackernews: () => import('./hackernews/index.ts').then((m) => m.hackernews),
  jsonl: () => import('./jsonl/index.ts').then((m) => m.jsonl),
  openiti: () => import('./openiti/index.ts').then((m) => m.openiti),
  parquet: () => import('./parquet/index.ts').then((m) => m.parquet),
  reddit: () => import('./reddit/index.ts').then((m) => m.reddit),
  stackoverflow: () => import('./stackoverflow/index.ts').then((m) => m.stackoverflow),
  text: () => import('./text/index.ts').then((m) => m.text),
  warc: () => import('./warc/index.ts').then((m) => m.warc),
  wikipedia: () => import('./wikipedia/index.ts').then((m) => m.wikipedia),
}
