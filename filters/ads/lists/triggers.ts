/**
 * Byte strings for the scanner, of 3 to 16 bytes: every line that can be an advertisement contains
 * one. Words that most texts hold make the filter slow.
 */
// biome-ignore format: one word a line is hard to read
export const TRIGGERS: readonly string[] = [
  '://', 'www.', 'subscri', 'follow', 'sign up', 'sign in', 'signin', 'log in', 'login',
  'log out', 'cookie', 'facebook', 'twitter', 'instagram', 'whatsapp', 'telegram', 'youtube',
  'linkedin', 'pinterest', 'affiliate', 'associate', 'commission', 'coupon', 'promo', 'discount',
  ' code', 'shipping', 'delivery', 'offer', 'lasts', ' last', 'guarantee', 'click', 'reserved',
  'powered by', ' now', ' today', '% off', 'sponsored', 'share', 'tweet', 'advertisement',
  'continue re', 'read ', 'read\u00a0', 'more', 'comment', 'content', 'back to top', 'privacy',
  'terms', 'contact', 'about us', 'add to', 'in cart', 'in your cart', 'related', 'popular',
  'recent', 'latest', 'recommended', 'also', 'trending', 'forget to', 'javascript', 'viagra',
  'cialis', 'levitra', 'casino', 'spins', 'essay writing', 'app ', 'account', 'password',
  'likes', 'retweets', 'promoted', 'view all', 'see all', 'show all', 'load all', 'continuing',
  'for order', 'to order', 'booking', 'order by', 'order via', 'call ', 'text me', 'dm me',
  'message us', 'most read', 'شترك', 'شتراك', 'تابع', 'شارك', 'مشارك', 'نشر', 'خصم', 'خصوم',
  'كوبون', 'مجان', 'طلب', 'حجز', 'ضغط', 'نقر', 'حمل', 'حمّل', 'نزل', 'عرض', 'عروض', 'محدود',
  'علان', 'علن', 'سعار', 'شركة', 'شركات', 'ارتباط', 'كوكيز', 'محفوظ', 'قرأ', 'قرا', 'شاهد',
  'المزيد', 'تسجيل', 'حساب', 'خصوصي', 'شروط', 'اتصل', 'تواصل', 'من نحن', 'ممول', 'السلة',
  'السله', 'اشتر', 'البريدية', 'ذات صلة', 'مشابه', 'الأكثر', 'الاكثر', 'تعليق', 'المحتوى',
  'واتس', 'راسل', 'كلمنا', 'للبيع', 'للشراء', 'للتوصيل', 'ستفسار', 'فيسبوك', 'فيس بوك', 'تويتر',
  'نستغرام', 'نستجرام', 'نستقرام', 'يوتيوب', 'سناب', 'جرام', 'تنس', 'جرس', 'نضم', 'سارع', 'تسوق',
  'يعجبك', 'يهمك', 'متعلق', 'loan', 'spell', 'followers', ' likes', ' views', 'iptv', 'forex',
  'hacker', 'essay', 'not be publ', 'constitutes', 'cannot share', 'inbox', 'not sent',
  'new posts', 'home', 'menu', 'close', 'email', 'e-mail', 'print', 'advertis', 'site map',
  'sitemap', 'site index', 'newsletter', 'rss', 'careers', 'feedback', 'faq', 'disclaimer',
  'adchoice', 'ad choice', 'sign me', 'loading', 'cancel', 'reprint', 'place an ad',
  'customer service', 'work with us', 'our team', 'skip to', 'your name', 'edit profile',
  'signed in', 'حبيب', 'روحاني', 'سطحة', 'سطحه', 'قرض', 'قروض', 'متعثر', 'مديوني', 'مستعمل',
  'عفش', 'حشرات', 'صراصير', 'متابعين', 'ماجستير', 'سايتوتك', 'جهاض', 'اشتراك', 'سيرفر', 'فوركس',
  'تداول ا', 'للتنازل', 'كازينو', 'مراهنات', 'قمار', 'مساج', 'تدليك', 'إغلاق', 'اغلاق', 'اغلق',
  'طباعة', 'طباعه', 'جاري ال', 'إلغاء ا', 'الغاء ا', 'بريدك', 'البريد', 'نسخ الر', 'سجل الآ',
  'سجل الا', 'رئيسي', 'القائمة', 'القائمه', 'خريطة', 'مسؤولي', 'مختار', 'للأعلى', 'الأعلى',
  'أضف', 'اضف', 'اترك',
]
