"""Checkpoints that are damaged, that wait for a finite step, that are taken back to, or pruned."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from corpus import make_job
from processes import events_of, train, weights
from test_export import command

from cosmos_torch import events as events_module
from cosmos_torch.events import Events, next_number
from cosmos_torch.training.checkpoint import complete_folders, thinned
from cosmos_torch.training.trainer import Trainer

STEP = 16 * 32
EVERY_THREE: dict[str, Any] = {"checkpoints": {"everyTokens": 3 * STEP}}


def damage(folder: Path, kind: str) -> None:
    """Makes a complete checkpoint one that cannot be used, in one of several ways."""
    tensors = next(folder.glob("model-*.safetensors"))
    if kind == "flip":
        data = bytearray(tensors.read_bytes())
        data[-5] ^= 1
        tensors.write_bytes(data)
    elif kind == "cut":
        tensors.write_bytes(tensors.read_bytes()[:-8])
    elif kind == "no manifest":
        (folder / "manifest.json").unlink()
    elif kind == "no JSON":
        (folder / "manifest.json").write_text("{")
    elif kind == "only COMPLETE":
        for path in folder.iterdir():
            if path.name != "COMPLETE":
                path.unlink()
    else:
        (folder / "data_state.json").unlink()


KINDS = ["flip", "cut", "no manifest", "no JSON", "only COMPLETE", "no state"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before(
    corpus: Path, tmp_path: Path, kind: str
) -> None:
    whole = train(corpus, tmp_path, **EVERY_THREE)
    assert [path.name[-2:] for path in complete_folders(tmp_path)] == ["03", "06", "09", "12"]
    last = {name: value.clone() for name, value in weights(tmp_path).items()}
    damage(complete_folders(tmp_path)[-1], kind)
    done = train(corpus, tmp_path, **EVERY_THREE)
    assert done.codes == [0]
    assert done.of("plan")[0]["resumedFrom"] == "step-0000000009"
    [warning] = done.of("warn")
    assert "step-0000000012 is passed over" in warning["message"]
    assert done.losses == whole.losses[9:]
    assert all(torch.equal(value, last[name]) for name, value in weights(tmp_path).items())
    assert (tmp_path / "checkpoints" / "damaged-step-0000000012").is_dir()


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_old_checkpoint_blocks_nothing(corpus: Path, tmp_path: Path, kind: str) -> None:
    make_job(corpus, tmp_path, **EVERY_THREE)
    (tmp_path / "control.json").write_text('{"seq": 1, "action": "checkpoint"}')
    train(corpus, tmp_path, **EVERY_THREE)
    damage(complete_folders(tmp_path)[1], kind)
    done = train(corpus, tmp_path, **EVERY_THREE)
    assert (done.codes, done.of("warn")) == ([0], [])


def test_a_model_is_used_from_the_newest_intact_checkpoint_which_is_said(
    corpus: Path, tmp_path: Path
) -> None:
    train(corpus, tmp_path, **EVERY_THREE)
    damage(complete_folders(tmp_path)[-1], "flip")
    options: dict[str, Any] = {"prompt": [1], "maxTokens": 3, "temperature": 0, "topP": 1}
    code, events = command("generate", tmp_path, **options, topK=0, stop=[], seed=1)
    assert code == 0
    assert "step-0000000012 is passed over" in events[1]["message"]
    slices = json.loads((tmp_path / "job.json").read_text())["eval"]["slices"]
    code, events = command("eval", tmp_path, slices=slices)
    assert (code, events[-1]["step"]) == (0, 9)
    for folder in complete_folders(tmp_path)[:-1]:
        damage(folder, "cut")
    code, events = command("eval", tmp_path, slices=slices)
    assert (code, events[-1]["code"]) == (21, "checkpoint-damaged")


def poisoned(monkeypatch: pytest.MonkeyPatch, steps: set[int]) -> None:
    """Makes the loss of these steps, counted from 1, not a number."""
    plain = Trainer._accumulate

    def broken(self: Trainer, inputs: Any, targets: Any, scale: float) -> Any:
        total = plain(self, inputs, targets, scale)
        return total * float("nan") if self.calls in steps else total

    def counted(self: Trainer, number: int, *rest: Any) -> Any:
        self.calls = number + 1
        return step(self, number, *rest)

    step = Trainer.step
    monkeypatch.setattr(Trainer, "_accumulate", broken)
    monkeypatch.setattr(Trainer, "step", counted)


def state_of(run: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((complete_folders(run)[-1] / "data_state.json").read_text())
    return value


def test_a_checkpoint_that_is_due_waits_for_a_finite_step(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(monkeypatch, {3, 4, 9})
    done = train(corpus, tmp_path, **EVERY_THREE)
    assert done.codes == [0]
    assert [event["step"] for event in done.of("checkpoint")] == [5, 6, 10, 12]
    assert state_of(tmp_path)["skipped"] == [3, 4, 9]
    assert all(value.isfinite().all() for value in weights(tmp_path).values())


LONG: dict[str, Any] = {"stages": [{"context": 32, "tokens": 24 * STEP}]}


def test_eight_steps_in_a_row_go_back_to_the_last_checkpoint_once(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(monkeypatch, set(range(7, 15)))
    done = train(corpus, tmp_path, **EVERY_THREE, **LONG)
    assert done.codes == [0]
    [warning] = done.of("warn")
    assert warning["code"] == "went-back"
    assert "the weights are those of step-0000000006 again" in warning["message"]
    assert state_of(tmp_path)["went_back"] is True
    assert done.of("done")[0]["step"] == 24
    poisoned(monkeypatch, set(range(7, 24)))
    again = train(corpus, tmp_path / "twice", **EVERY_THREE, **LONG)
    assert again.codes == [31]
    assert len(again.of("warn")) == 1
    assert "--fork" in again.error["hint"]


def test_the_permanent_checkpoints_that_stay_are_spread_over_the_run(
    corpus: Path, tmp_path: Path
) -> None:
    kept = {"everyTokens": STEP, "keepPermanent": 4}
    done = train(corpus, tmp_path, checkpoints=kept, **LONG)
    assert done.codes == [0]
    steps = [int(path.name[-2:]) for path in complete_folders(tmp_path)]
    assert len(steps) == 4
    assert steps[-1] == 24
    gaps = [after - before for before, after in zip([0, *steps], steps, strict=False)]
    assert max(gaps) <= 3 * min(gaps)


def test_protected_and_newest_checkpoints_are_not_thinned_out() -> None:
    assert thinned([1, 2, 3, 4], [False] * 4, 4) == []
    assert thinned([10, 11, 20, 30], [False, True, False, False], 3) == [0]
    assert sorted(thinned([1, 2, 3], [True, True, False], 1)) == []
    assert thinned([10, 20], [False, False], 1) == [0]


@pytest.mark.parametrize("rest", ["", '{"v": 1, "se', "\x00\x00"])
def test_numbers_of_events_go_on_after_a_cut_line(tmp_path: Path, rest: str) -> None:
    (tmp_path / "events.jsonl").write_text(f'{{"seq": 6}}\n{{"seq": 7}}\n{rest}')
    events = Events(speaks=True)
    events.keep(tmp_path)
    events.write("ping")
    events.close()
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["seq"] == 8
    assert next_number(b"") == 0


def test_a_full_disk_for_events_stops_nothing(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_descriptor: int, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(events_module, "write_all", full)
    assert train(corpus, tmp_path).codes == [0]
    assert events_of(tmp_path) == []
    assert "events are no longer written" in capsys.readouterr().err
    assert complete_folders(tmp_path)


def test_an_export_is_whole_or_absent_and_may_be_made_again(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cosmos_torch.inference import export as module

    run, output = tmp_path / "run", tmp_path / "hf"
    tokens = tmp_path / "tokens"
    shutil.copytree(corpus, tokens)
    (tokens / "tokenizer.json").write_text('{"added_tokens": []}')
    assert train(tokens, run).codes == [0]
    members = {"format": "huggingface", "output": str(output)}
    with monkeypatch.context() as patch:
        patch.setattr(module, "_write_tokenizer", lambda *_: (_ for _ in ()).throw(OSError("x")))
        assert command("export", run, **members)[0] != 0
    assert not output.exists()
    assert list(tmp_path.glob("hf*")) == []
    assert command("export", run, **members)[0] == 0
    (output / "stale").write_text("")
    assert command("export", run, **members)[0] == 0
    assert not (output / "stale").exists()
    assert json.loads((output / "cosmos-export.json").read_text())["checkpoint"][-2:] == "12"
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.txt").write_text("x")
    code, events = command("export", run, **{**members, "output": str(other)})
    assert (code, "something else" in events[-1]["message"]) == (20, True)
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("parallel", [{}, {"ranks": 2, "data": 2, "shard": "fsdp"}])
def test_checkpoints_written_behind_are_those_written_at_once(
    corpus: Path, tmp_path: Path, parallel: dict[str, Any]
) -> None:
    changes: dict[str, Any] = {**EVERY_THREE, "parallel": parallel}
    ranks = parallel.get("ranks", 1)
    behind: dict[str, Any] = {"options": {"threads": 1, "asyncCheckpoints": True}}
    for name, more in (("once", {}), ("behind", {"backend": behind})):
        done = train(corpus, tmp_path / name, ranks=ranks, **changes, **more)
        assert done.codes == [0] * ranks
        assert [event["step"] for event in done.of("checkpoint")] == [3, 6, 9, 12]
    for one, other in zip(
        complete_folders(tmp_path / "once"), complete_folders(tmp_path / "behind"), strict=True
    ):
        assert (one / "manifest.json").read_text() == (other / "manifest.json").read_text()


def test_a_failure_of_writing_behind_is_a_failure_of_the_run(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("cosmos_torch.training.checkpoint.save_file", full)
    behind: dict[str, Any] = {"options": {"threads": 1, "asyncCheckpoints": True}}
    done = train(corpus, tmp_path, **EVERY_THREE, backend=behind)
    assert (done.codes, done.error["code"]) == ([22], "disk-full")
