// The words that hold sentences together. They are frequent in every text of their language and
// rare in all others, so they show what a model of letter sequences cannot: that a sentence is
// meant in this language, and is no list of names.

/**
 * The most frequent English words that are no nouns, in lower case. Ours. Short words that are
 * frequent in Polynesian or Bantu languages too (a, he, i, me, no …) are left out.
 */
export const ENGLISH = `
  about after against all also an and another any are as at be because been before being between
  both but by can could did does down each even first for from get good had has have her here him
  his how if in into is it its just know last like made make many men might more most much must
  never new not now of off on one only or other our out over own right said same say see she
  should since some still such take than that the their them then there these they this those
  three through to too under up use used very was way we well were what when where which while who
  will with would years you your`

/**
 * Frequent Arabic words that are no nouns, of the written language and of the dialects of Egypt,
 * the Levant, the Gulf, Iraq and the Maghreb. Ours. Words that Berber languages have taken over are
 * left out.
 */
export const ARABIC = `
  في من على إلى عن مع هذا هذه ذلك تلك الذي التي الذين اللذين إن أن كان كانت كانوا يكون تكون قد لا ما
  لم لن ليس ليست هو هي هم هما أو ثم بل كل بعد قبل بين عند عندما حتى إذا إذ لو كما حيث أي غير منذ خلال
  حول دون فيه فيها فيهم منه منها منهم له لها لهم لي لك لنا به بها بهم عليه عليها عليهم إليه إليها إليهم
  هناك هنا بعض أكثر يوم عام قال قالت فقال نحن أنت أنا كنت لأن فإن إنه إنها أنه أنها بأن عنه عنها عنهم
  مثل نحو سوف أما فيما مما لقد أيضا بينما لماذا كيف متى أين هل يا أحد ذا ذات أولئك لدى لديه لديها ضد
  عبر جدا كذلك لكن لكنه لكنها إنما كأن ليت لعل هكذا الآن أمس غدا
  اللي مش مو ليش شو إيش وين هيك كتير ده دي دا علشان عشان بس كده إزاي ليه احنا إحنا إنتو هاي هاد هذي
  يعني لما كمان شي شيء وش هذول لسه أوي قوي برضه بقى زي هدا ديال واش فين علاش شنو هسه آني هواي وايد
  ويا عاوز عايز دلوقتي النهارده إمبارح مبارح بكرا بكره لازم`
