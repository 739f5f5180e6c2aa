/// <reference types="node" preserve="true" />

/**
 * Markup to text the way the connectors do it: `cosmos-etl/text`.
 *
 * All functions are pure. None throws on malformed input: what cannot be understood stays as text
 * or is left out. Spelling is never changed, except by the functions for printed Arabic, which
 * repair what typesetting and OCR did to it.
 *
 * @example
 * ```ts
 * import { htmlToText, latexFragment, mainText, makeSite, readWikitext } from 'cosmos-etl/text'
 *
 * htmlToText('<p>if <code>a &lt; b</code></p>').text // 'if `a < b`'
 * latexFragment('Schr\\"odinger, $E = mc^2$')         // 'Schrödinger, $E = mc^2$'
 * mainText(page).text                                 // a page without its navigation
 * ```
 */

// Printed and scanned Arabic.
export {
  arabicShare,
  cleanLine,
  commasFromQuotes,
  isPersian,
  mixedNumbers,
} from './arabic-print/clean.ts'
export { joinLines, type PrintedLine, withoutFurniture } from './arabic-print/paragraphs.ts'
export {
  judgeTextLayer,
  type TextLayerVerdict,
  visualToLogical,
} from './arabic-print/text-layer.ts'
// Web pages.
export { type HtmlText, htmlToText } from './html-text.ts'
// Rows: JSON Lines, Parquet, XML attributes, threads of replies.
export { isoTime } from './iso-time.ts'
export { type FieldScanner, fieldScanner, wellFormed } from './json-fields.ts'
// Articles and papers.
export { type LatexText, latexFragment, latexToText, type TexFiles } from './latex/convert.ts'
export { type DecodedText, decodeText, headerCharset, isBinary } from './main-text/charset.ts'
export { type MainText, mainText } from './main-text/main-text.ts'
export { layOutReplies, type Reply, type ReplyTree } from './reply-tree.ts'
export { type RowFields, type RowMapping, rowMapping } from './rows/mapping.ts'
export { type Message, readMessages, renderMessages } from './rows/messages.ts'
export { type RowOptions, rowOptions } from './rows/options.ts'
export { type Article, makeSite, readWikitext, type Site } from './wikitext/index.ts'
export { type AttributeScanner, attributeScanner } from './xml-attributes.ts'
