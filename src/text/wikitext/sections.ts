import { foldName, nameSet } from './templates/names.ts'

/**
 * Titles of sections at the end of an article that nobody reads as text: references and lists of
 * links.
 */
const TAIL = nameSet(
  `references|reference|notes|footnotes|citations|notes and references|references and notes|sources|see also|external links|external link|further reading|bibliography|works cited|explanatory notes|general references|literature|links
  مراجع|المراجع|هوامش|الهوامش|ملاحظات|الملاحظات|انظر أيضا|انظر ايضا|إقرأ أيضا|اقرأ أيضا|طالع أيضا|وصلات خارجية|روابط خارجية|مصادر|المصادر|مصادر ومراجع|المراجع والمصادر|مراجع ومصادر|المصادر والمراجع|هوامش ومراجع|مراجع وهوامش|ملاحظات ومراجع|مراجع وملاحظات|حواشي|الحواشي|إشارات مرجعية|معرض صور|مواقع خارجية|لينكات برانيه|لينكات|شوف كمان|مصادر خارجية|قراءات إضافية|للاستزادة|مزيد من القراءة|كتب ومراجع
  منابع|پانویس|پانویس‌ها|جستارهای وابسته|پیوند به بیرون|سەرچاوەکان|سەرچاوە|بەستەرە دەرەکییەکان|پەراوێزەکان|ئەمانەش ببینە`,
)

/**
 * Whether a section with this title ends the article text. Marks, hamza variants and punctuation at
 * the end make no difference.
 */
export function isTailSection(title: string): boolean {
  return TAIL.has(foldName(title.replace(/[:.…\s]+$/, '')))
}
