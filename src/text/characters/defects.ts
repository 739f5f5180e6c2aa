/**
 * Characters that are defects of a text rather than its spelling. Connectors of printed books and
 * the filter `normalise` repair them by the same tables.
 */

/** Marks that only set the direction of display. */
export const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * Invisible characters without meaning in any word: soft hyphen, word joiner and
 * invisible operators, deprecated format controls, byte order mark, annotation anchors, Mongolian
 * vowel separator, and noncharacters.
 */
export const INVISIBLE =
  /[\u00ad\u180e\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ufdd0-\ufdef]/g

/**
 * Forms of Latin, Armenian, Hebrew and Arabic letters that Unicode keeps for old encodings only.
 * Signs among them stay: ornate parentheses (U+FD3E, U+FD3F), honorifics (U+FD40–FD4F, U+FDCF,
 * U+FDFA, U+FDFB, U+FDFD–FDFF), the rial sign (U+FDFC) and dots of letters (U+FBB2–FBC2).
 */
export const PRESENTATION_FORMS =
  /[\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdf9\ufe70-\ufefc]/g

/** The initial form of heh alone after a number: the sign of the Hijri year. */
export const HIJRI_FORM = /(?<=[0-9\u0660-\u0669\u06f0-\u06f9][ \u00a0]?)\ufeeb(?![\p{L}\p{M}])/gu

/** The sign of the Hijri year as it is written: heh with tatweel. */
export const HIJRI_SIGN = 'ه\u0640'

/** A piece of a glyph (U+FE73) that is no letter. */
const TAIL_FRAGMENT = '\ufe73'

/**
 * The plain letters of a presentation form. A mark that stood alone comes without the space or
 * tatweel that NFKC puts under it.
 */
export function lettersOf(form: string): string {
  if (form === TAIL_FRAGMENT) return ''
  return form.normalize('NFKC').replace(/^[ \u0640](?=\p{M})/u, '')
}

/** Tatweel (U+0640), which stretches a word. */
export const TATWEEL = '\u0640'
