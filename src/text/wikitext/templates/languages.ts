/**
 * Names of the languages that articles quote most, by code: in English, and in Arabic with the
 * article. They are fixed here because the names built into Node change with its version.
 */
const LIST = `ar Arabic العربية
en English الإنجليزية
fr French الفرنسية
de German الألمانية
es Spanish الإسبانية
it Italian الإيطالية
pt Portuguese البرتغالية
nl Dutch الهولندية
ru Russian الروسية
uk Ukrainian الأوكرانية
pl Polish البولندية
cs Czech التشيكية
sk Slovak السلوفاكية
sl Slovene السلوفينية
hr Croatian الكرواتية
sr Serbian الصربية
bs Bosnian البوسنية
mk Macedonian المقدونية
bg Bulgarian البلغارية
ro Romanian الرومانية
hu Hungarian المجرية
sq Albanian الألبانية
el Greek اليونانية
grc Ancient_Greek الإغريقية
la Latin اللاتينية
tr Turkish التركية
ota Ottoman_Turkish التركية_العثمانية
az Azerbaijani الأذرية
kk Kazakh الكازاخية
uz Uzbek الأوزبكية
tt Tatar التتارية
fa Persian الفارسية
ku Kurdish الكردية
ckb Central_Kurdish الكردية_السورانية
ps Pashto البشتوية
ur Urdu الأردية
hi Hindi الهندية
bn Bengali البنغالية
pa Punjabi البنجابية
ta Tamil التاميلية
te Telugu التيلوغوية
sa Sanskrit السنسكريتية
he Hebrew العبرية
arc Aramaic الآرامية
syr Syriac السريانية
cop Coptic القبطية
egy Egyptian المصرية_القديمة
am Amharic الأمهرية
so Somali الصومالية
sw Swahili السواحلية
ha Hausa الهوسية
ber Berber الأمازيغية
kab Kabyle القبائلية
hy Armenian الأرمنية
ka Georgian الجورجية
zh Chinese الصينية
ja Japanese اليابانية
ko Korean الكورية
vi Vietnamese الفيتنامية
th Thai التايلاندية
id Indonesian الإندونيسية
ms Malay الماليزية
tl Tagalog التاغالوغية
sv Swedish السويدية
da Danish الدنماركية
no Norwegian النرويجية
nb Norwegian النرويجية
nn Norwegian_Nynorsk النرويجية_النينوشك
fi Finnish الفنلندية
is Icelandic الأيسلندية
et Estonian الإستونية
lv Latvian اللاتفية
lt Lithuanian الليتوانية
ga Irish الأيرلندية
gd Scottish_Gaelic الغيلية_الإسكتلندية
cy Welsh الويلزية
br Breton البريتانية
eu Basque الباسكية
ca Catalan الكتالونية
gl Galician الجاليكية
eo Esperanto الإسبرانتو
mt Maltese المالطية
af Afrikaans الأفريقانية
be Belarusian البيلاروسية
mn Mongolian المنغولية
bo Tibetan التبتية
ang Old_English الإنجليزية_القديمة
non Old_Norse النوردية_القديمة
yi Yiddish اليديشية
lb Luxembourgish اللوكسمبورغية`

const NAMES = new Map(
  LIST.split('\n').map((line) => {
    const [code = '', en = '', ar = ''] = line.split(' ')
    return [code, { en: en.replaceAll('_', ' '), ar: ar.replaceAll('_', ' ') }] as const
  }),
)

/** Name of a language, for `de-AT` that of `de`; undefined for codes that are not listed. */
export function languageName(code: string, language: 'ar' | 'en'): string | undefined {
  return NAMES.get(code.toLowerCase().replace(/[-_].*$/, ''))?.[language]
}
