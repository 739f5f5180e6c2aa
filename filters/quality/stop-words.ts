// Words that running text cannot do without. Folded as the kernel folds words: alef, yeh and teh
// marbuta have one form each.

/** Gopher's eight (Rae et al. 2021, appendix A). */
const ENGLISH = 'the be to of and that have with'

/**
 * FineWeb2's list for arb_Arab without its punctuation and proper names, then particles, pronouns
 * and prepositions of our own, the last line those of the dialects.
 */
const ARABIC = `
في من علي الي عام ان مع او هو عن التي كان بين ما كانت هي بعد
لا لم لن قد هذا هذه ذلك تلك الذي الذين كل حتي ثم اذا اذ لكن بل غير اي كما حيث ليس هم هنا هناك
انه انها عليه عليها اليه فيه فيها منه منها به بها له لها عنه عند عندما يا انا انت نحن هل لو كي لان
كيف لماذا اما الا سوي دون قبل خلال منذ حول ضد نحو اكثر بعض مثل ايضا يكون تكون كذلك لدي لقد
مش ده دي اللي ايه شو هاي كده ليه احنا هيك بدي عشان لما بس`

const list = (words: string): readonly string[] => words.trim().split(/\s+/)

/** Stop words of both languages. One particle may be attached to an Arabic one: و ف ب ل ك. */
export const STOP_WORDS: ReadonlySet<string> = new Set([
  ...list(ENGLISH),
  ...list(ARABIC),
  ...list(ARABIC).flatMap((word) => [...'وفبلك'].map((particle) => particle + word)),
])
