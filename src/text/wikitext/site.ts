import { foldName, nameSet } from './templates/names.ts'

/** What the converter has to know about the wiki. */
export interface Site {
  /** Language of the words that are inserted where a template is spelled out. */
  readonly language: 'ar' | 'en'
  /** Number of the namespace that a link's prefix names; undefined if it names none. */
  namespace(prefix: string): number | undefined
}

/** Number of the namespace of files; also used for media. */
export const FILE = 6
/** Number of the namespace of categories. */
export const CATEGORY = 14
const MEDIA = -2

/** English and Arabic-script names, because dumps mix them and some headers name the wrong wiki. */
const KNOWN: readonly (readonly [id: number, names: string])[] = [
  [MEDIA, 'media|ميديا|وسائط|مدیا'],
  [FILE, 'file|image|ملف|صورة|پرونده|تصویر|پەڕگە|وێنە|فائل'],
  [CATEGORY, 'category|تصنيف|رده|پۆل|زمرہ'],
  [10, 'template|قالب|الگو|داڕێژە|سانچہ'],
  [100, 'portal|بوابة|درگاه|دەروازە'],
  [4, 'wikipedia|project|ويكيبيديا|ویکی‌پدیا|ویکیپیدیا'],
  [2, 'user|مستخدم|مستخدمة|کاربر|بەکارھێنەر'],
  [-1, 'special|خاص|ویژه|تایبەت'],
  [12, 'help|مساعدة|راهنما|یارمەتی'],
  [1, 'talk|نقاش|بحث|وتووێژ'],
]

/** A site with this language code and the namespace names from its dump. */
export function makeSite(
  language: string,
  namespaces: readonly (readonly [name: string, id: number])[],
): Site {
  const ids = new Map<string, number>()
  for (const [id, names] of KNOWN) for (const name of nameSet(names)) ids.set(name, id)
  for (const [name, id] of namespaces) ids.set(foldName(name), id)
  const seen = new Map<string, number | undefined>()
  return {
    language: ARABIC.has(language) ? 'ar' : 'en',
    namespace(prefix) {
      if (!seen.has(prefix)) {
        if (seen.size > 10_000) seen.clear()
        const id = ids.get(foldName(prefix))
        seen.set(prefix, id === MEDIA ? FILE : id)
      }
      return seen.get(prefix)
    },
  }
}

const ARABIC = new Set(['ar', 'arz', 'ary'])

/** Prefixes of links to other language versions. */
const LANGUAGES = new Set(
  `aa ab ace ady af ak als alt am ami an ang ann anp ar arc ary arz as ast atj av avk awa ay az azb ba ban bar bat-smg
  bbc bcl bdr be be-tarask be-x-old bew bg bh bi bjn blk bm bn bo bpy br bs btm bug bxr ca cbk-zam cdo ce ceb ch cho chr
  chy ckb co cr crh cs csb cu cv cy da dag de dga din diq dsb dtp dty dv dz ee el eml en eo es et eu ext fa fat ff fi
  fiu-vro fj fo fon fr frp frr fur fy ga gag gan gcr gd gl glk gn gom gor got gpe gu guc gur guw gv ha hak haw he hi hif
  ho hr hsb ht hu hy hyw hz ia iba id ie ig igl ii ik ilo inh io is it iu ja jam jbo jv ka kaa kab kbd kbp kcg kg kge ki
  kj kk kl km kn knc ko koi kr krc ks ksh ku kus kv kw ky la lad lb lbe lez lfn lg li lij lld lmo ln lo lrc lt ltg lv
  mad mai map-bms mdf mg mh mhr mi min mk ml mn mni mnw mo mos mr mrj ms mt mus mwl my myv mzn na nah nap nds nds-nl ne
  new ng nia nl nn no nov nqo nr nrm nso nup nv ny oc olo om or os pa pag pam pap pcd pcm pdc pfl pi pih pl pms pnb pnt
  ps pt pwn qu rm rmy rn ro roa-rup roa-tara rsk ru rue rw sa sah sat sc scn sco sd se sg sh shi shn si simple sk skr sl
  sm smn sn so sq sr srn ss st stq su sv sw syl szl szy ta tay tcy tdd te tet tg th ti tig tk tl tly tn to tpi tr trv ts
  tt tum tw ty tyv udm ug uk ur uz ve vec vep vi vls vo wa war wo wuu xal xh xmf yi yo yue za zea zgh zh zh-classical
  zh-min-nan zh-yue zu`.split(/\s+/),
)

/** Whether `[[prefix:…]]` links to the same article in another language. */
export function isLanguagePrefix(prefix: string): boolean {
  return LANGUAGES.has(prefix.trim().toLowerCase())
}
