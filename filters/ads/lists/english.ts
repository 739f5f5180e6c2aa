// English phrases of lines that are nothing but advertising, notices or buttons.
// Ours: from reading web pages, and the fit half of docs/filters.md. Patterns run on folded lines:
// lower case, no vowel marks or tatweel, one spelling each of alef, yeh and teh marbuta.
import { NETWORKS } from './networks.ts'

/** Calls to action. */
export const STRONG: readonly string[] = [
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
  '(?:payday|cash|instant) loans? (?:online|today|with|no|for bad)',
  '(?:love|binding|lost love) spells? (?:caster|that|to bring|in)|spell ?caster (?:who|that|in|for)',
  'buy (?:real |cheap )?(?:instagram|tiktok|youtube|twitter|facebook) (?:followers|likes|views)',
  'iptv (?:subscription|reseller|server)',
  'forex (?:signals?|robots?) (?:that|for|free|provider)',
  '(?:hire|contact) a (?:genuine |professional )?hacker',
  'order (?:a |an |your )?(?:custom )?(?:essays?|papers?) (?:online|now|from)',
  '(?:your )?e-?mail address will not be published',
  '(?:registration|use) (?:on|of) (?:or use of )?this (?:web)?site constitutes (?:acceptance|agreement)',
  'post was not sent ?- ?check your email',
  'blog cannot share posts by e-?mail',
  'we (?:may|might) (?:earn|receive) (?:a )?commission',
  'get (?:the )?(?:latest|best|breaking|top) .{1,40} (?:in|to|into) your inbox',
  'receive (?:notifications of )?new posts by e-?mail',
]

/** Notices. */
export const SHORT: readonly string[] = [
  'all rights reserved',
  '(?:please )?click here (?:to|for)',
  'powered by (?:wordpress|blogger|disqus|vbulletin|shopify|phpbb)',
  '(?:buy|order|shop|call|book|subscribe|download|register|sign up|enroll) (?:it )?(?:now|today)(?= ?!|$| and)',
  '(?:up to |get |save )\\d{1,2} ?% (?:off|discount)',
  'sponsored (?:by|post|content|links?)',
  '(?:read|see|check|you may) also ?:',
  'share (?:this|on|via|with) (?:article|post|page|story|facebook|twitter|whatsapp|email|linkedin|friends)',
  '(?:posted|filed) (?:in|under) .{1,60} (?:tagged|leave a comment)',
  '(?:terms|conditions) of (?:use|service) (?:and|[&|,]) privacy',
  'by .{1,30} all rights',
  'e-?mail (?:this )?(?:article|story|page|link)(?: to a friend)?(?=$|[.!|])',
  'sorry, your blog cannot share',
]

/** Whole lines. */
export const WHOLE: readonly string[] = [
  '(?:home|menu|main menu|close|close menu|share|share this|shares?|email|print|contact|advertise|advertise with us|advertising|site ?(?:map|index)|newsletters?|e-?mail newsletters?|subscriptions|rss(?: feeds?)?|careers|feedback|faqs?|disclaimer|cookies?|(?:your )?ad ?choices|terms|privacy|sign me up|loading|comments?|view comments|show comments|hide comments|post comment|cancel(?: reply)?|reprints|place an ad|customer service|home delivery|work with us|our team|skip to (?:article|navigation|footer|search)|back to (?:main menu|home)|send to e-?mail address|your (?:name|e-?mail address)|e-?mail address|edit profile|you are signed in as)',
  '(?:continue reading|read (?:more|on|the full (?:story|article)|also)|learn more|click here|(?:view|show|see|load) (?:more|all)(?: (?:comments|posts|articles))?)',
  'share(?: this)? (?:article|post|page|story)|tweet(?: this)?|advertisements?|sponsored|promoted|subscribe(?: now)?',
  'leave a (?:comment|reply)|(?:post|add|write) a comment|(?:no|\\d+) comments?(?: yet)?|\\d+ (?:likes|shares|retweets)',
  '(?:sign|log) ?(?:in|up|out)(?: (?:or|/|\\|) (?:sign|log) ?(?:in|up)| or register)?|create (?:an )?account|my account|forgot (?:your )?password',
  'skip to (?:main )?content|back to top|privacy policy|terms (?:of (?:use|service)|and conditions|& conditions)|cookie (?:policy|settings)|contact us|about us',
  '(?:add to (?:cart|bag|basket|wishlist)|(?:buy|shop|order|download|book) now|free shipping|items? in (?:your )?cart)',
  '(?:related|recommended|popular|recent|latest|more) (?:posts|articles|stories|topics|news|from .{1,30})|you (?:may|might) also like|follow us|most (?:read|popular)|trending now',
]

/** Requests to call. */
export const ORDER: readonly string[] = [
  '(?:call|text|whatsapp|contact|dm|message) (?:us|me|now|today)',
  '(?:to|for) (?:order|booking|orders|bookings)',
  'order (?:by|via|on) (?:phone|whatsapp)',
]
