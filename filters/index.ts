import type { AnyFilterComponent } from '../src/core/filter.ts'

/**
 * Every filter by name, loaded on first use. A test compares this list with the files beside it.
 */
export const filters: Readonly<Record<string, () => Promise<AnyFilterComponent>>> = {
  ads: () => import('./ads/index.ts').then((m) => m.ads),
  'code-lines': () => import('./code-lines.ts').then((m) => m.codeLines),
  langid: () => import('./langid/index.ts').then((m) => m.langid),
  license: () => import('./license/index.ts').then((m) => m.license),
  minhash: () => import('./minhash/index.ts').then((m) => m.minhash),
  normalise: () => import('./normalise/index.ts').then((m) => m.normalise),
  perplexity: () => import('./perplexity/index.ts').then((m) => m.perplexity),
  pii: () => import('./pii/index.ts').then((m) => m.pii),
  quality: () => import('./quality/index.ts').then((m) => m.quality),
  'url-lists': () => import('./url-lists/index.ts').then((m) => m.urlLists),
}
