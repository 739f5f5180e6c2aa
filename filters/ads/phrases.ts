// What advertising lines say, in English and Arabic. Patterns run on folded lines: lower case, no
// vowel marks or tatweel, alef, yeh and teh marbuta in one spelling each. The lists are ours, made
// by reading web pages of both languages.

const any = (patterns: readonly string[]): string => `(?:${patterns.join('|')})`
/** `\b` knows ASCII only. */
const whole = (patterns: readonly string[]): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${any(patterns)}(?![\\p{L}\\p{N}])`, 'u')
/** Arabic clitics attach, and endings vary: the start of a word is enough. */
const started = (patterns: readonly string[]): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])[وف]?${any(patterns)}`, 'u')

const NETWORKS =
  '(?:facebook|twitter|x|instagram|youtube|linkedin|pinterest|tiktok|snapchat|telegram|whatsapp|threads|mastodon|reddit|tumblr|discord|google\\+|rss)'
const NETWORKS_AR =
  '(?:ال)?(?:فيس ?بوك|تويتر|انستغرام|انستجرام|انستقرام|يوتيوب|لينكد ?ان|تيك ?توك|سناب(?: ?شات)?|تيليجرام|تليجرام|تلجرام|تيليغرام|تلغرام|واتس ?اب|واتساب|بنترست)'

/** Calls that make an advertisement of any line up to 25 words that holds them. */
export const STRONG: readonly RegExp[] = [
  whole([
    'subscribe (?:to|for) (?:our|my|this) (?:[a-z]+ )?(?:newsletter|channel|mailing list|blog|podcast|feed|updates)',
    "(?:don[’']?t|do not) forget to (?:like|subscribe|share|follow|hit)",
    '(?:smash|hit|click) (?:that|the) (?:like|subscribe|bell)',
    'like(?:,| and)? (?:share(?:,)? and )?subscribe',
    'sign up (?:for|to) (?:our|the|my) (?:[a-z]+ )?(?:newsletter|mailing list|updates|emails?)',
    `(?:follow|find|like|join|visit) (?:us|me) on (?:our )?${NETWORKS}`,
    `join (?:our|the|my) ${NETWORKS}(?: (?:group|channel|server|page))?`,
    'use (?:the |my |our )?(?:promo|coupon|discount|voucher) ?code',
    'free (?:[a-z]+ )?(?:shipping|delivery) (?:on|for|worldwide|to|with)',
    'subscribe (?:on|via|in|by) (?:itunes|apple podcasts|spotify|google play|rss|youtube|e-?mail)',
    'sign up for .{1,40} (?:newsletter|e-?mail list|mailing list)',
    'comments off on',
    'limited[- ]time offer',
    'while (?:stocks?|supplies) lasts?',
    'money[- ]back guarantee',
    'click (?:here|the link|below) to (?:buy|order|subscribe|download|get|claim|register|join|learn more|unsubscribe)',
    'contains? affiliate links?',
    'as an amazon associate',
    '(?:earn|receive) an? (?:small )?(?:affiliate )?commission (?:if|when|from|on|at)',
    '(?:we|(?:this|our) (?:web)?site) uses? cookies',
    'accept (?:all )?cookies',
    'by continuing to (?:use|browse) (?:this|our) (?:web)?site',
    '(?:manage|change) (?:your )?(?:cookie|consent) (?:settings|preferences)',
    'download (?:our|the) (?:free )?(?:mobile )?app (?:now|today|from|on)',
    'please (?:enable|turn on) (?:javascript|cookies)',
    'buy (?:cheap|generic) (?:viagra|cialis|levitra)',
    'best (?:online casinos?|essay writing service)',
    '(?:free|bonus) spins',
  ]),
  started([
    `اشترك(?:وا|ي)? (?:الان )?(?:في|ب|معنا في) ?(?:ال)?(?:قنا|نشر|صفح|مجموع)`,
    'لا تنس(?:ي|وا|ي)? (?:ال)?(?:اشتراك|اعجاب|لايك|مشاركه|متابع|تفعيل)',
    '(?:فعل|فعلوا|تفعيل) (?:زر )?(?:ال)?جرس',
    `تابع(?:نا|ونا|وا|ني|وني)? (?:علي|عبر|في) (?:صفح|حساب|قنا|مواقع التواصل|${NETWORKS_AR}|${NETWORKS})`,
    `(?:انضم|انضموا|انضمي) (?:الان )?(?:الي|ل|معنا) ?(?:قنا|جروب|مجموعتنا|صفحتنا)`,
    `(?:شارك|شاركوا|انشر|انشروا) (?:(?:هذا|هذه) )?(?:المقال|المقاله|الموضوع|الخبر|المنشور) (?:علي|مع|عبر)`,
    '(?:اضغط|اضغطي|اضغطوا|انقر|انقري|انقروا) (?:هنا|علي الرابط)',
    '(?:حمل|حملي|حملوا|نزل|نزلوا) (?:الان )?(?:تطبيق|التطبيق)',
    '(?:كود|كوبون|قسيمه) (?:ال)?خصم',
    'خصم (?:يصل الي |حتي |بنسبه |لغايه )?[\\d٠-٩]{1,3} ?[%٪]',
    'خصومات (?:حصري|هائل|كبير|تصل|مميز)',
    '(?:شحن|توصيل|الشحن|التوصيل) (?:مجاني|مجانا|بالمجان)',
    '(?:اطلب|اطلبي|اطلبه|اطلبوا|اشتري|اشتر|احجز|احجزي|احجزوا) (?:الان|نسختك|مكانك|موعدك|مقعدك|اونلاين)',
    'عر(?:ض|وض) (?:خاص|محدود|حصري|لفتره محدود|مغري|لا تفوت|ساري)',
    '(?:الكميه محدود|لفتره محدود|سارعوا? ب)',
    '(?:للاعلان|اعلن|اعلنوا) (?:معنا|هنا|لدينا|في موقعنا)',
    '(?:ب)?(?:ال)?اسعار (?:مغري|منافس|خيالي|لا تقبل المنافس|لا تنافس|رخيص)',
    'شرك(?:ه|ات) (?:نقل عفش|نقل اثاث|تنظيف|مكافحه حشرات|رش مبيدات|كشف تسرب|تسليك|عزل (?:اسطح|خزانات))',
    '(?:يستخدم هذا الموقع|هذا الموقع يستخدم|نحن نستخدم|نستخدم|باستخدامك لهذا الموقع|بالاستمرار في (?:استخدام|تصفح)).{0,60}(?:ملفات تعريف الارتباط|الكوكيز|كوكيز|ملفات الارتباط|الموقع)',
  ]),
]

/** Notices that make nothing but a notice of a line up to 12 words. */
export const SHORT: readonly RegExp[] = [
  whole([
    'all rights reserved',
    '(?:please )?click here (?:to|for)',
    'powered by (?:wordpress|blogger|disqus|vbulletin|shopify|phpbb)',
    '(?:buy|order|shop|call|book|subscribe|download|register|sign up|enroll) (?:it )?(?:now|today)(?= ?!|$| and)',
    '(?:up to |get |save )\\d{1,2} ?% (?:off|discount)',
    'sponsored (?:by|post|content|links?)',
    '(?:read|see|check|you may) also ?:',
    'share (?:this|on|via|with) (?:article|post|page|story|facebook|twitter|whatsapp|email|linkedin|friends)',
    '(?:posted|filed) (?:in|under) .{1,60} (?:tagged|leave a comment)',
  ]),
  started([
    'جميع الحقوق محفوظه',
    'كل الحقوق محفوظه',
    'حقوق (?:الطبع و)?النشر محفوظه',
    '(?:اقرا|شاهد|قد يهمك|اقرئي) ايضا ?:',
  ]),
]

/** Lines that are nothing else, but for punctuation and pictures. */
export const WHOLE_LINE = new RegExp(
  `^${any([
    '(?:continue reading|read (?:more|on|the full (?:story|article)|also)|learn more|click here|(?:view|show|see|load) (?:more|all)(?: (?:comments|posts|articles))?)',
    'share(?: this)? (?:article|post|page|story)|tweet(?: this)?|advertisements?|sponsored|promoted|subscribe(?: now)?',
    'leave a (?:comment|reply)|(?:post|add|write) a comment|(?:no|\\d+) comments?(?: yet)?|\\d+ (?:likes|shares|retweets)',
    '(?:sign|log) ?(?:in|up|out)(?: (?:or|/|\\|) (?:sign|log) ?(?:in|up)| or register)?|create (?:an )?account|my account|forgot (?:your )?password',
    'skip to (?:main )?content|back to top|privacy policy|terms (?:of (?:use|service)|and conditions|& conditions)|cookie (?:policy|settings)|contact us|about us',
    '(?:add to (?:cart|bag|basket|wishlist)|(?:buy|shop|order|download|book) now|free shipping|items? in (?:your )?cart)',
    '(?:related|recommended|popular|recent|latest|more) (?:posts|articles|stories|topics|news|from .{1,30})|you (?:may|might) also like|follow us|most (?:read|popular)|trending now',
    'اقرا (?:المزيد|ايضا|المقال كاملا)|(?:قراءه|شاهد|عرض|تحميل|للمزيد|معرفه) المزيد|شاهد ايضا|قد (?:يعجبك|يهمك) ايضا|المزيد من .{1,30}',
    '(?:شارك|شاركها|مشاركه|انشر)(?: (?:المقال|المقاله|الموضوع|الخبر|الصفحه|هذا المقال|مع اصدقائك|علي))?',
    '(?:تسجيل (?:الدخول|خروج|الخروج|حساب)|انشاء حساب|حسابي|نسيت كلمه (?:المرور|السر))(?: ?[/|] ?.{1,20})?',
    '(?:سياسه (?:الخصوصيه|الاستخدام)|(?:شروط|اتفاقيه) (?:الاستخدام|الخدمه)|الشروط والاحكام|اتصل بنا|تواصل معنا|من نحن|الي الاعلي|العوده للاعلي)',
    '(?:اعلان|اعلانات|اعلان ممول|ممول|مساحه اعلانيه|محتوي ممول)',
    '(?:اضف (?:الي|ل) ?(?:ال)?سله|اشتر(?:ي)? الان|اطلب الان|تسوق الان|حمل الان|شحن مجاني)',
    '(?:تابعنا|تابعونا|اشترك|اشترك (?:الان|معنا)|النشره البريديه|القائمه البريديه)',
    '(?:مقالات|مواضيع|اخبار|موضوعات) (?:ذات صله|مشابهه|متعلقه|مختاره|قد تعجبك)|الاكثر (?:قراءه|مشاهده|شيوعا|تعليقا)',
    '(?:اترك (?:تعليقا|ردا|تعليقك|تعليق)|اضف (?:تعليقا|تعليق|رد|تعليقك)|(?:انتقل|تخطي?|التجاوز) الي (?:المحتوي|المحتوى)|لا توجد تعليقات)',
  ])}$`,
  'u',
)

/** Names of networks and the small words around them in a row of sharing buttons. */
export const NETWORK = new RegExp(
  `^(?:${NETWORKS}|${NETWORKS_AR}|email|e-mail|print|pocket|copy link|مسنجر|ماسنجر|messenger|البريد)$`,
  'u',
)
export const SHARING =
  /^(?:share|on|via|follow|us|like|tweet|or|and|this|to|by|link|copy|by|شارك|شاركنا|علي|عبر|تابعنا|او|نسخ|الرابط|مشاركه|ارسال|الالكتروني|طباعه|و)$/u

/** A seller asks to be called: with a number in the line, an order by telephone. */
export const ORDER: readonly RegExp[] = [
  started([
    'لل(?:طلب|طلبات|حجز|شراء|توصيل|استفسار|استفسارات|تواصل|اعلان|اشتراك|بيع)',
    '(?:اتصل|اتصلوا|اتصلي|تواصل|تواصلوا|راسلنا|راسلونا|كلمنا) (?:بنا|معنا|علي|الان|واتس|وتس)',
    '(?:واتس ?اب|واتساب|واتس)',
  ]),
  whole([
    '(?:call|text|whatsapp|contact|dm|message) (?:us|me|now|today)',
    '(?:to|for) (?:order|booking|orders|bookings)',
    'order (?:by|via|on) (?:phone|whatsapp)',
  ]),
]

/** Addresses that pay whoever sends a visitor, and shorteners made for it. */
export const AFFILIATE =
  /\/\/(?:amzn\.to|(?:www\.)?amazon\.[a-z.]+\/[^\s]*[?&]tag=|go\.skimresources|click\.linksynergy|www\.awin1\.com|shareasale\.com|[a-z0-9-]+\.hop\.clickbank|rover\.ebay|s\.click\.aliexpress|shope\.ee|adf\.ly|linktr\.ee|[^\s]*[?&](?:aff(?:iliate)?(?:_?id)?|ref_?id|partner_?id)=)/

/**
 * Byte strings one of which is in every line that can be an advertisement; what the scanner looks
 * for.
 */
export const TRIGGERS: readonly string[] = [
  ...[
    '://',
    'www.',
    'subscri',
    'follow',
    'sign up',
    'sign in',
    'signin',
    'log in',
    'login',
    'log out',
    'cookie',
    'facebook',
    'twitter',
  ],
  ...[
    'instagram',
    'whatsapp',
    'telegram',
    'youtube',
    'linkedin',
    'pinterest',
    'affiliate',
    'associate',
    'commission',
    'coupon',
  ],
  ...[
    'promo',
    'discount',
    ' code',
    'shipping',
    'delivery',
    'offer',
    'lasts',
    ' last',
    'guarantee',
    'click',
    'reserved',
    'powered by',
  ],
  ...[
    ' now',
    ' today',
    '% off',
    'sponsored',
    'share',
    'tweet',
    'advertisement',
    'continue re',
    'read ',
    'read\u00a0',
    'more',
    'comment',
  ],
  ...[
    'content',
    'back to top',
    'privacy',
    'terms',
    'contact',
    'about us',
    'add to',
    'in cart',
    'in your cart',
    'related',
    'popular',
  ],
  ...[
    'recent',
    'latest',
    'recommended',
    'also',
    'trending',
    'forget to',
    'javascript',
    'viagra',
    'cialis',
    'levitra',
    'casino',
    'spins',
  ],
  ...[
    'essay writing',
    'app ',
    'account',
    'password',
    'likes',
    'retweets',
    'promoted',
    'view all',
    'see all',
    'show all',
    'load all',
  ],
  ...[
    'continuing',
    'for order',
    'to order',
    'booking',
    'order by',
    'order via',
    'call ',
    'text me',
    'dm me',
    'message us',
    'most read',
  ],
  ...[
    'شترك',
    'شتراك',
    'تابع',
    'شارك',
    'مشارك',
    'نشر',
    'خصم',
    'خصوم',
    'كوبون',
    'مجان',
    'طلب',
    'حجز',
    'ضغط',
    'نقر',
    'حمل',
    'حمّل',
    'نزل',
  ],
  ...[
    'عرض',
    'عروض',
    'محدود',
    'علان',
    'علن',
    'سعار',
    'شركة',
    'شركات',
    'ارتباط',
    'كوكيز',
    'محفوظ',
    'قرأ',
    'قرا',
    'شاهد',
    'المزيد',
  ],
  ...[
    'تسجيل',
    'حساب',
    'خصوصي',
    'شروط',
    'اتصل',
    'تواصل',
    'من نحن',
    'ممول',
    'السلة',
    'السله',
    'اشتر',
    'البريدية',
    'ذات صلة',
    'مشابه',
  ],
  ...[
    'الأكثر',
    'الاكثر',
    'تعليق',
    'المحتوى',
    'واتس',
    'راسل',
    'كلمنا',
    'للبيع',
    'للشراء',
    'للتوصيل',
    'ستفسار',
    'فيسبوك',
    'فيس بوك',
  ],
  ...[
    'تويتر',
    'نستغرام',
    'نستجرام',
    'نستقرام',
    'يوتيوب',
    'سناب',
    'جرام',
    'تنس',
    'جرس',
    'نضم',
    'سارع',
    'تسوق',
    'يعجبك',
    'يهمك',
    'متعلق',
  ],
  ...['مختار', 'للأعلى', 'الأعلى', 'أضف', 'اضف', 'اترك'],
]
