/*
 * Templates that are not reading text: notices, references, pronunciations, links to sister
 * projects, layout. Those without arguments need no entry, because an unknown template without
 * arguments shows nothing.
 */
import { nameSet } from './names.ts'

const NAMES = nameSet(
  `main|main article|see also|seealso|further|further information|see|about|about2|for|for2|redirect|redirect2|redirect-distinguish|hatnote|rellink
  other uses|otheruses|other people|distinguish|confused|not to be confused with|broader|details|main list|selfref|short description
  reflist|references|refbegin|refend|refn|efn|efn-ua|efn-lr|notetag|note|ref|ref label|note label|notelist|rp|r|page needed|full citation needed
  citation needed|cn|fact|clarify|who|when|where|which|why|by whom|according to whom|dubious|discuss|verify source|vague|better source|better source needed
  dead link|webarchive|wayback|cbignore|isbn|issn|oclc|doi|arxiv|bibcode|pmid|jstor|url|official website|official|website|imdb name|imdb title
  flagicon|flag icon|flagicon image|flagdeco|anchor|anchors|coord|coor|coor d|coord missing|audio|listen|pron|pronunciation|respell|pronunciation needed|usurped|pron-en
  sister project links|sisterlinks|commons|commons category|commonscat|commons-inline|wiktionary|wikiquote|wikisource|wikibooks|wikinews|wikiversity|wikivoyage|wikispecies
  portal|portal bar|portal-inline|authority control|navboxes|navbox|sidebar|succession box|s-start|s-end|s-bef|s-ttl|s-aft|clear|clr|toc|toc limit|toclimit|tocright|toc right|toc left
  defaultsort|good article|featured article|pp|rcat shell|redirect category shell|italic title|use dmy dates|use mdy dates|engvarb|wide image|double image|multiple image|image frame
  gallery|css image crop|superimpose|location map|legend|chart|graph|update|update after|update inline|expand section|expand|unreferenced|unreferenced section|refimprove|more citations needed
  multiple issues|cleanup|copyedit|orphan|pov|tone|disputed|merge|merge to|merge from|split|notability|primary sources|original research|in use|under construction|inflation|inflation-fn
  empty section|subscription required|registration required|closed access|open access|link note|en icon|ar icon|icon|increase|decrease|steady|age|age in years|age in days|years ago|currentyear|dmoz|gutenberg author|librivox author|internet archive author|google books|ipa link|ipaslink|ipablink|inconsistent citations|no more links|harvid|sfnref|cs1 config|sfn whitelist|attached kml|osm
  مفصلة|مقالة مفصلة|تفصيل|المقال الرئيسي|رئيسية|انظر أيضا|انظر ايضا|طالع أيضا|طالع|اقرأ أيضا|وضح|ميز|تمييز|حول|تحويل وضح|قد يقصد|لا تخلط|هامش|هوامش|مراجع|ثبت المراجع|ثبت الملاحظات|ملاحظة|ملاحظات
  بحاجة لمصدر|بحاجة لمصدر أفضل|حقيقة|غير مؤكد|من|متى|أين|وضوح|غموض|وصلة مكسورة|وصلة مكسوره|شريط بوابات|بوابة|تصنيف كومنز|تصنيف كومونز|كومنز|كومونز|شقيق ويكي|مشاريع شقيقة|روابط شقيقة|ضبط استنادي
  رمز علم|علم أيقونة|أيقونة علم|أيقونة|إحداثيات|احداثيات|صوت|سماع|استمع|مرساة|شريط تصفح|تصفح|صندوق تصفح|بحاجة لتحديث|مصدر|لا مصدر|يتيمة|تنظيف|تدقيق|صيانة|عدد مقالات|قاموس|ويكاموس|ويكي الاقتباس|ويكي مصدر|مقالة جيدة|مقالة مختارة|نهاية مراجع|مصطلحات|صورة متعددة|صور متعددة|عرض|فاصل|تعداد|عمر|خريطة مواقع|موقع رسمي|روابط فنية|روابط طاقم|لغة عنوان|تضخم|روابط رياضية
  اصلی|پانویس|پرچمک|یادکرد|جستارهای وابسته|سەرەکی|سەرچاوەکان`,
)

const PREFIXES =
  /^(?:cite |citation|cit |vcite|harv|sfn|ipa|use |pp-|r from |r to |redr|wikisource|wikt|commons|ep\||imdb|official |portal|infobox flag|navbox|citizendium|استشهاد|مرجع |وصلة |بوابه |شريط |ضبط |روابط |يادكرد|بيرخستنە)/

const STUB = /(?:^|[\s-])stub$|^بذره?(?: |$)|^stub\b|^خرد$/

/** Whether a template of this folded name shows nothing that is kept. */
export function isFurniture(name: string): boolean {
  return NAMES.has(name) || PREFIXES.test(name) || STUB.test(name)
}

/** Whether a template of this folded name marks the article as a stub. */
export function isStub(name: string): boolean {
  return STUB.test(name)
}

const INFOBOX =
  /^(?:infobox|taxobox|automatic taxobox|speciesbox|chembox|drugbox|geobox|elementbox|planetbox|starbox|صندوق|بطاقه|معلومات|تصنيف كاين|جعبه|زانياريدان)|\binfobox$|^(?:us county infobox)/

/** Whether a template of this folded name is the fact box of an article. */
export function isInfobox(name: string): boolean {
  return INFOBOX.test(name)
}

const DISAMBIGUATION = nameSet(
  `disambig|disambiguation|disamb|dab|disambig-cleanup|disambiguation cleanup|hndis|human name disambiguation|geodis|place name disambiguation
  letter-number combination disambiguation|schooldis|school disambiguation|hospitaldis|mathdab|mathematical disambiguation|numberdis|roaddis|shipindex|ship index
  توضيح أسماء أعلام|صفحة توضيح|توضيح بشر|توضيح جغرافيا|أعلام متشابهة|ابهام‌زدایی|ڕوونکردنەوە`,
)

/**
 * Whether a template of this folded name marks a page that only lists meanings of its title. With
 * arguments, توضيح is a note at the head of an article.
 */
export function isDisambiguation(name: string, argumentCount: number): boolean {
  return DISAMBIGUATION.has(name) || (name === 'توضيح' && argumentCount === 0)
}
