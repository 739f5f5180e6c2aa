"""datatrove's quality filters on texts. Usage: quality-peers.py english|arabic TEXTS.

TEXTS has one JSON string a line. Prints one JSON list: for each text the reason to drop it, or null.
"""

import json
import sys

from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter

# https://github.com/huggingface/fineweb-2, configs/arb_Arab.yml
ARABIC_STOP_WORDS = "، في من على إلى عام أن مع أو هو عن التي كان بين ما كانت هي المتحدة بعد".split()


def english() -> list:
    """As FineWeb: defaults, with C4's line rule off."""
    return [
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
    ]


def arabic() -> list:
    """FineWeb2's configuration for arb_Arab."""
    language = "arb_Arab"
    return [
        GopherRepetitionFilter(
            language=language,
            dup_para_frac=0,
            dup_para_char_frac=0,
            dup_line_frac=0.304,
            dup_line_char_frac=0.1,
            top_n_grams=((2, 0.197), (3, 0.172), (4, 0.146)),
            dup_n_grams=((5, 0.165), (6, 0.153), (7, 0.142), (8, 0.131), (9, 0.12), (10, 0.109)),
        ),
        FineWebQualityFilter(
            language=language,
            line_punct_thr=0.143,
            short_line_thr=999,
            char_duplicates_ratio=0.1,
            new_line_ratio=0.189,
        ),
        GopherQualityFilter(
            language=language,
            min_avg_word_length=2,
            max_avg_word_length=9,
            max_non_alpha_words_ratio=0.787,
            min_stop_words=2,
            stop_words=ARABIC_STOP_WORDS,
        ),
    ]


def main() -> None:
    kind, path = sys.argv[1:3]
    filters = {"english": english, "arabic": arabic}[kind]()

    def reason(text: str) -> str | None:
        for one in filters:
            verdict = one.filter(Document(text=text, id="x"))
            if verdict is not True:
                return str(verdict[1]) if isinstance(verdict, tuple) else type(one).__name__
        return None

    with open(path, encoding="utf8") as lines:
        print(json.dumps([reason(json.loads(line)) for line in lines]))


if __name__ == "__main__":
    main()
