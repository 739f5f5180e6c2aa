"""Near-duplicate clustering by datatrove and text-dedup: CPU seconds and peak memory of every stage, one process.

    node dist/bench/duplicates/export.js 1000000 /tmp/documents.signatures
    bench/.cache/venv/bin/python bench/duplicates/peers.py datatrove /tmp/documents.signatures
    bench/.cache/venv/bin/python bench/duplicates/peers.py text-dedup /tmp/documents.signatures

cluster our signatures, 14 bands of 8 rows: they differ from ours only in what comes after. Given documents instead
(`export.js 20000 /tmp/documents.jsonl`), datatrove makes signatures of its own first.
"""

import functools
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

BANDS, ROWS = 14, 8


def lanes_of(source: Path) -> np.ndarray:
    return np.memmap(source, dtype="<u2", mode="r").reshape(-1, BANDS * ROWS)


def datatrove_stages(source: Path, folder: Path):
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.utils.hashing import HashConfig

    given = source.suffix == ".signatures"
    # Its narrowest numbers hold our lanes.
    hashes = HashConfig(precision=32) if given else HashConfig()
    config = MinhashConfig(n_grams=5, num_buckets=BANDS, hashes_per_bucket=ROWS, hash_config=hashes)
    signatures, buckets, removed = (str(folder / name) for name in ("signatures", "buckets", "removed"))
    if given:
        write_datatrove_signatures(lanes_of(source), Path(signatures))
    else:
        reader = JsonlReader(str(source.parent), glob_pattern=source.name)
        yield "signatures", 1, [reader, MinhashDedupSignature(signatures, config=config, language="en")]
    yield "buckets", BANDS, [MinhashDedupBuckets(signatures, buckets, config=config)]
    yield "cluster", 1, [MinhashDedupCluster(buckets, removed, config=config)]


def write_datatrove_signatures(lanes: np.ndarray, folder: Path) -> None:
    """A sorted file a band, as its first stage leaves them."""
    kinds = [(f"lane{i}", "<u4") for i in range(ROWS)] + [("document", "<u4")]
    for band in range(BANDS):
        records = np.empty(len(lanes), dtype=kinds)
        for row in range(ROWS):
            records[f"lane{row}"] = lanes[:, band * ROWS + row]
        records["document"] = np.arange(len(lanes))
        records.sort(order=[name for name, _ in kinds])
        path = folder / f"bucket_{band:03d}" / "00000.minhash.sig"
        path.parent.mkdir(parents=True)
        records.tofile(path)


def run_datatrove(pipeline, tasks):
    from datatrove.executor import LocalPipelineExecutor

    # In this process, one task after the other: what is measured is one core's work.
    LocalPipelineExecutor(pipeline=pipeline, tasks=tasks, workers=1, logging_dir=tempfile.mkdtemp()).run()


def run_text_dedup(source: Path, folder: Path) -> None:
    """Its whole program, given our signatures where it would make its own; prints what its stages took."""
    from datasets import Dataset
    from text_dedup import minhash
    from text_dedup.utils import timer

    lanes = lanes_of(source)
    rows = len(lanes)

    class CpuContext(timer.TimerContext):
        def __enter__(self):
            self.start_time = time.process_time()

        def __exit__(self, *_):
            report(f"  {self.name.lower()}", time.process_time() - self.start_time)

    def load(**_):
        texts = {"text": ["a b c d e"] * rows, minhash.INDEX_COLUMN: list(range(rows))}
        return Dataset.from_dict(texts), None

    timer.TimerContext = CpuContext
    timer.Timer.report = lambda *_, **__: None
    minhash.load_hf_dataset = load
    minhash.embed_func = functools.partial(bands_of, str(source))
    options = {"column": "text", "b": BANDS, "r": ROWS, "num_perm": BANDS * ROWS, "output": str(folder / "output")}
    options |= {"num_proc": 1, "cache_dir": str(folder / "cache"), "min_length": 0}
    minhash.main([part for name, value in options.items() for part in (f"--{name}", str(value))], standalone_mode=False)


@functools.cache
def cached_lanes(source: str) -> np.ndarray:
    return lanes_of(Path(source))


def bands_of(source, _content, idx, **_):
    row = cached_lanes(source)[idx]
    return {"__signatures__": [row[i * ROWS : (i + 1) * ROWS].tobytes() for i in range(BANDS)], "__index__": idx}


def measured(answer, work, *given):
    work(*given)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    answer.send(usage.ru_utime + usage.ru_stime)


def report(name: str, seconds: float) -> None:
    usage = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{name:14} {seconds:8.1f} s CPU {usage // 1024:6} MiB peak so far", flush=True)


def main():
    program, source = sys.argv[1], Path(sys.argv[2]).resolve()
    folder = Path(tempfile.mkdtemp())
    context = multiprocessing.get_context("fork")
    try:
        if program == "datatrove":
            jobs = ((name, run_datatrove, (pipeline, tasks)) for name, tasks, pipeline in datatrove_stages(source, folder))
        else:
            jobs = [("in all", run_text_dedup, (source, folder))]
        for name, work, given in jobs:
            ours, theirs = context.Pipe()
            process = context.Process(target=measured, args=(theirs, work, *given))
            process.start()
            theirs.close()
            seconds = ours.recv()
            process.join()
            report(name, seconds)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
