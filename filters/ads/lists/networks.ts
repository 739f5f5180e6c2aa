// Names of social networks, as patterns. Ours.

/** Latin spellings. */
export const NETWORKS =
  '(?:facebook|twitter|x|instagram|youtube|linkedin|pinterest|tiktok|snapchat|telegram|whatsapp|threads|mastodon|reddit|tumblr|discord|google\\+|rss)'

/** Arabic spellings, folded. */
export const NETWORKS_AR =
  '(?:ال)?(?:فيس ?بوك|تويتر|انستغرام|انستجرام|انستقرام|يوتيوب|لينكد ?ان|تيك ?توك|سناب(?: ?شات)?|تيليجرام|تليجرام|تلجرام|تيليغرام|تلغرام|واتس ?اب|واتساب|بنترست)'
