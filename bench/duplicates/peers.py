"""datatrove's MinHash pipeline on the documents of the scale bench: CPU seconds and peak memory of every stage.

    node dist/bench/duplicates/export.js 100000 /tmp/documents.jsonl
    bench/.cache/venv/bin/python bench/duplicates/peers.py /tmp/documents.jsonl

Signatures are datatrove's own (its later stages read no others), with the same bands and rows.
"""

import multiprocessing
import resource
import shutil
import sys
import tempfile
from pathlib import Path


def stages(source: Path, folder: Path):
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.readers import JsonlReader

    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
    signatures, buckets, removed = (str(folder / name) for name in ("signatures", "buckets", "removed"))
    reader = JsonlReader(str(source.parent), glob_pattern=source.name)
    yield "signatures", 1, [reader, MinhashDedupSignature(signatures, config=config, language="en")]
    yield "buckets", 14, [MinhashDedupBuckets(signatures, buckets, config=config)]
    yield "cluster", 1, [MinhashDedupCluster(buckets, removed, config=config)]


def run_stage(pipeline, tasks, answer):
    from datatrove.executor import LocalPipelineExecutor

    # In this process, one task after the other: what is measured is one core's work.
    LocalPipelineExecutor(pipeline=pipeline, tasks=tasks, workers=1, logging_dir=tempfile.mkdtemp()).run()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    answer.send((usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024))


def main():
    source = Path(sys.argv[1]).resolve()
    folder = Path(tempfile.mkdtemp())
    context = multiprocessing.get_context("fork")
    try:
        for name, tasks, pipeline in stages(source, folder):
            ours, theirs = context.Pipe()
            process = context.Process(target=run_stage, args=(pipeline, tasks, theirs))
            process.start()
            seconds, mebibytes = ours.recv()
            process.join()
            print(f"{name:12} {seconds:8.1f} s CPU {mebibytes:6} MiB peak", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
