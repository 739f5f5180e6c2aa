"""Reads an exported folder with transformers: same logits, same ids, generated text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from corpus import VOCAB, make_job
from processes import carry_out, environment, events_of, train

from cosmos_torch.inference.generate import load_model

transformers = pytest.importorskip(
    "transformers", reason="transformers is not installed: run `etl setup torch --tests`"
)
tokenizers = pytest.importorskip(
    "tokenizers", reason="tokenizers is not installed: run `etl setup torch --tests`"
)

LETTERS = "abcdefghijklmnopqrstuvwxyz ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


def write_tokenizer(folder: Path) -> None:
    """Writes a tokenizer with one id per character and the special ids of the job."""
    pieces = ["<pad>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<unk>", *LETTERS]
    vocab = {piece: index for index, piece in enumerate(pieces)}
    assert len(vocab) <= VOCAB
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.BPE(vocab=vocab, merges=[], unk_token="<unk>")
    )
    tokenizer.add_special_tokens(pieces[:5])
    tokenizer.save(str(folder / "tokenizer.json"))


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run")
    write_tokenizer(corpus)
    assert train(corpus, run).codes == [0]
    return run


def command(name: str, run: Path, **members: Any) -> tuple[int, list[dict[str, Any]]]:
    """Runs a command on the run's newest checkpoint.

    Its events come through a descriptor, as they do from the launcher.
    """
    import os

    job = run / f"{name}.json"
    job.write_text(
        json.dumps(
            {"protocol": 1, "task": name, "run": str(run), "checkpoint": "latest", **members}
        )
    )
    reader, writer = os.pipe()
    with environment({"ETL_EVENTS_FD": str(writer)}):
        code = carry_out(name, job)
    os.close(writer)
    with os.fdopen(reader) as lines:
        return code, [json.loads(line) for line in lines]


@pytest.mark.parametrize("model", [{"tied": False}, {"tied": True}, {"qkNorm": True}])
def test_transformers_computes_the_same_logits(
    corpus: Path, tmp_path: Path, model: dict[str, bool]
) -> None:
    write_tokenizer(corpus)
    assert train(corpus, tmp_path / "run", model=model).codes == [0]
    assert (
        command("export", tmp_path / "run", format="huggingface", output=str(tmp_path / "hf"))[0]
        == 0
    )
    _, ours = load_model(str(tmp_path / "run"), "latest", print)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "hf").eval()
    torch.manual_seed(0)
    ids = torch.randint(VOCAB, (2, 32))
    with torch.no_grad():
        mine, other = ours.logits(ours.hidden(ids)), theirs(ids).logits
    difference = float((mine - other).abs().max())
    print(f"largest difference of logits: {difference:.2e}")
    assert difference < 1e-5
    assert float(mine.std()) > 0.1


def test_transformers_reads_tokenizer_template_and_generates(trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "hf"
    assert command("export", trained, format="huggingface", output=str(output))[0] == 0
    tokenizer = transformers.AutoTokenizer.from_pretrained(output)
    reference = tokenizers.Tokenizer.from_file(str(output / "tokenizer.json"))
    for text in ("hello", "سلام", "<|im_start|>ab<|im_end|>"):
        assert (
            tokenizer.encode(text, add_special_tokens=False)
            == reference.encode(text, add_special_tokens=False).ids
        )
    assert (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 1, 2)
    chat = tokenizer.apply_chat_template(
        [{"role": "user", "content": "hi"}], tokenize=False, add_generation_prompt=True
    )
    assert chat == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    writer = transformers.pipeline("text-generation", model=str(output), tokenizer=str(output))
    made = writer("ab", max_new_tokens=5, do_sample=False)[0]["generated_text"]
    assert made.startswith("ab")
    assert json.loads((output / "config.json").read_text())["rope_theta"] == 10000.0


def test_an_export_never_overwrites_what_is_not_its_own(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    code, events = command("export", trained, format="huggingface", output=str(tmp_path))
    assert (code, "something else" in events[-1]["message"]) == (20, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_generating_is_repeatable_by_seed_and_writes_ids_in_groups(trained: Path) -> None:
    options = {
        "prompt": [1, 40],
        "maxTokens": 20,
        "temperature": 0.9,
        "topP": 0.95,
        "topK": 20,
        "stop": [],
    }
    runs = [command("generate", trained, **options, seed=seed) for seed in (1, 1, 2)]
    ids = [
        [token for event in events if event["type"] == "tokens" for token in event["ids"]]
        for _, events in runs
    ]
    assert [code for code, _ in runs] == [0, 0, 0]
    assert len(ids[0]) == 20
    assert ids[0] == ids[1] != ids[2]
    assert len([event for event in runs[0][1] if event["type"] == "tokens"]) == 3


def test_scoring_a_checkpoint_repeats_the_scores_of_the_run(trained: Path) -> None:
    slices = json.loads((trained / "job.json").read_text())["eval"]["slices"]
    code, events = command("eval", trained, slices=slices)
    assert code == 0
    said = [event for event in events_of(trained) if event["type"] == "eval"][-1]
    assert events[-1]["slices"] == said["slices"]


def test_a_missing_checkpoint_is_code_21(corpus: Path, tmp_path: Path) -> None:
    make_job(corpus, tmp_path)
    code, events = command("export", tmp_path, format="huggingface", output=str(tmp_path / "hf"))
    assert (code, "no complete checkpoint latest" in events[-1]["message"]) == (21, True)
