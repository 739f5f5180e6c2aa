"""One contestant of a contest: holds the documents and passes over them once per line read.

Usage: peers.py MODE TEXTS MODEL. Prints one JSON line when ready, then one a pass.
"""

import array
import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable

Pass = Callable[[], object]


def fasttext_pass(texts: list[str], model_path: str) -> Pass:
    """C++ fastText: the top label of every document. Lines are ended beforehand, outside the measured time."""
    import fasttext

    model = fasttext.FastText._FastText(model_path)
    lines = [text.replace("\n", " ").encode() + b"\n" for text in texts]

    def run() -> object:
        found = [model.f.predict(line, 1, 0.0, "strict") for line in lines]
        return [[label.removeprefix("__label__"), probability] for [(probability, label)] in found]

    return run


def datatrove_signatures_pass(texts: list[str], _: str) -> Pass:
    """datatrove's signature step without its files: 14 x 8 hashes over word 5-grams."""
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    step = MinhashDedupSignature("/tmp/unused", MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8))

    def run() -> object:
        for text in texts:
            shingles = step.get_shingles(text)
            if shingles.size:
                step.get_signature(shingles)
        return None

    return run


def datasketch_pass(texts: list[str], _: str) -> Pass:
    """datasketch MinHash with 112 permutations over word 5-grams."""
    from datasketch import MinHash

    def run() -> object:
        for text in texts:
            MinHash(num_perm=112, seed=1).update_batch(_shingles(text))
        return None

    return run


def rensa_pass(texts: list[str], _: str) -> Pass:
    """rensa's R-MinHash with 112 permutations over word 5-grams."""
    from rensa import RMinHash

    def run() -> object:
        for text in texts:
            words = text.lower().split()
            sketch = RMinHash(num_perm=112, seed=1)
            sketch.update([" ".join(words[i : i + 5]) for i in range(max(len(words) - 4, 1))])
            sketch.digest()
        return None

    return run


def _shingles(text: str) -> list[bytes]:
    words = text.lower().split()
    return [" ".join(words[i : i + 5]).encode() for i in range(max(len(words) - 4, 1))]


def text_dedup_pass(texts: list[str], _: str) -> Pass:
    """text-dedup's embedding step with 112 permutations over word 5-grams."""
    import re

    import numpy as np
    from text_dedup.minhash import embed_func
    from text_dedup.utils.hashfunc import xxh3_32hash

    modulus, largest = np.uint64((1 << 61) - 1), np.uint64((1 << 32) - 1)
    random = np.random.RandomState(1)
    draw = lambda low: random.randint(low, modulus, 112, dtype=np.uint64)  # noqa: E731
    settings = {
        "num_perm": 112,
        "ngram_size": 5,
        "min_length": 5,
        "hashranges": [(i * 8, (i + 1) * 8) for i in range(14)],
        "permutations": (draw(1), draw(0)),
        "hash_func": xxh3_32hash,
        "dtype": np.uint64,
        "max_hash": largest,
        "modulo_prime": modulus,
    }

    def run() -> object:
        for index, text in enumerate(texts):
            embed_func(content=text, idx=index, **settings)
        return None

    re.purge()
    return run


def datatrove_pii_pass(texts: list[str], _: str) -> Pass:
    """datatrove's e-mail and address redaction."""
    from datatrove.pipeline.formatters.pii import PIIFormatter

    formatter = PIIFormatter()

    def run() -> object:
        for text in texts:
            formatter.format(text)
        return None

    return run


def datatrove_quality_pass(texts: list[str], _: str) -> Pass:
    """datatrove's Gopher, C4 and FineWeb rules."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter

    filters = [
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
    ]

    def run() -> object:
        for one in filters:
            for text in texts:
                one.filter(Document(text=text, id="x"))
        return None

    return run


def datatrove_chain_pass(texts: list[str], model_path: str) -> Pass:
    """The nearest chain datatrove has: language, redaction, Gopher, C4 and FineWeb quality, signatures."""
    steps = [
        fasttext_pass(texts, model_path),
        datatrove_pii_pass(texts, ""),
        datatrove_quality_pass(texts, ""),
        datatrove_signatures_pass(texts, ""),
    ]

    def run() -> object:
        for step in steps:
            step()
        return None

    return run


def sentencepiece_pass(texts: list[str], folder: str) -> Pass:
    """SentencePiece, all documents in one call, so that the way into it does not count."""
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/tokenizer.model")

    def digest(ids: list[int]) -> str:
        return hashlib.md5(array.array("I", ids).tobytes()).hexdigest()[:16]

    def run() -> object:
        documents = processor.encode(texts, num_threads=1)
        return lambda: [digest(ids) for ids in documents]

    return run


MODES = {
    "fasttext": fasttext_pass,
    "datatrove-signatures": datatrove_signatures_pass,
    "datasketch": datasketch_pass,
    "rensa": rensa_pass,
    "text-dedup": text_dedup_pass,
    "datatrove-pii": datatrove_pii_pass,
    "datatrove-quality": datatrove_quality_pass,
    "datatrove-chain": datatrove_chain_pass,
    "sentencepiece": sentencepiece_pass,
}


def main() -> None:
    mode, texts_path, model_path = sys.argv[1:4]
    answers = sys.stdout
    sys.stdout = sys.stderr
    with open(texts_path, encoding="utf8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    run = MODES[mode](texts, model_path)
    print("{}", file=answers, flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        outcome = run()
        cpu_seconds, wall_seconds = time.process_time() - cpu, time.perf_counter() - wall
        answer = {
            "wallSeconds": wall_seconds,
            "cpuSeconds": cpu_seconds,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "results": outcome() if callable(outcome) else outcome,
        }
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
