// Sets that several sections measure on.
import type { PublicSet } from './sets.ts'

/** News sentences of 128 languages, translated from English. */
export const NTREX: PublicSet = {
  repository: 'MicrosoftTranslator/NTREX',
  commit: '8561f6a622db9edad1217683e5c83daefd8bb2bf',
  license: 'CC-BY-SA-4.0',
}

/** Arabic tweets, with their dialect. */
export const ARSARCASM: PublicSet = {
  repository: 'iabufarha/ArSarcasm',
  commit: '62a114b6082e8ef652203605078de4bb16630380',
  license: 'MIT',
}

/** Arabic news articles. */
export const SAUDI_NEWS: PublicSet = {
  repository: 'parallelfold/SaudiNewsNet',
  commit: '4e39239966c2ae8a3faa591201acb9cd1f51199d',
  license: 'CC-BY-NC-SA-4.0',
}

/** News articles in English and languages of Africa. */
export const MASAKHANE_NEWS: PublicSet = {
  repository: 'masakhane-io/masakhane-news',
  commit: '819be052e79e0a600e0ed4a7356594681cb5c4f3',
  license: 'no licence stated',
}

/** Paragraphs of Wikipedia in twelve languages. */
export const XQUAD: PublicSet = {
  repository: 'google-deepmind/xquad',
  commit: '7d30520c717524000f0d9d2f9c10a069acd9d285',
  license: 'CC-BY-SA-4.0',
}

/** A part of OpenITI, Arabic books: a century (AH) of the author's death, or an origin. */
export const openiti = (part: string, commit: string): PublicSet => ({
  repository: `OpenITI/${part}`,
  commit,
  license: 'CC-BY-NC-SA-4.0',
})

/** Books of the third century AH. */
export const OPENITI_300 = openiti('0300AH', '01a1544130e0236850ef2698923ad01575c5bd7c')
