"""Levers that change the mathematics, against plain versions, and their golden losses."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from corpus import BOS, make_job
from processes import train, weights
from test_model import SMALL, small

from cosmos_torch.job import Optimizer
from cosmos_torch.model.llama import document_mask
from cosmos_torch.model.loss import sum_cross_entropy
from cosmos_torch.training.muon import is_matrix, orthogonal
from cosmos_torch.training.optimizer import ShardedOptimizer

MUON = {"type": "muon"}
LEVERS: dict[str, dict[str, Any]] = {
    "documentMask": {"data": {"documentMask": True}},
    "muon": {"optimizer": MUON},
    "qkNorm": {"model": {"qkNorm": True}},
    "zLoss": {"optimizer": {"zLoss": 1e-2}},
}
GOLDEN = {"documentMask": 2.7021914, "muon": 2.7463479, "qkNorm": 2.7251725, "zLoss": 2.7100136}
"""Losses of the last step, torch 2.14.1 on a CPU, one thread."""
FSDP = {"ranks": 2, "data": 2, "shard": "fsdp"}
TENSOR = {"ranks": 2, "data": 1, "tensor": 2}


@pytest.mark.parametrize("lever", LEVERS)
def test_the_losses_of_a_lever_stay_as_they_are(corpus: Path, tmp_path: Path, lever: str) -> None:
    done = train(corpus, tmp_path / "with", **LEVERS[lever])
    assert done.codes == [0]
    assert done.losses[-1] == pytest.approx(GOLDEN[lever], rel=1e-4)


@pytest.mark.parametrize("parallel", [FSDP, TENSOR], ids=["fsdp", "tensor"])
def test_levers_together_have_the_losses_of_one_process(
    corpus: Path, tmp_path: Path, parallel: dict[str, Any]
) -> None:
    together: dict[str, Any] = {
        "data": {"documentMask": True},
        "model": {"qkNorm": True},
        "optimizer": {**MUON, "zLoss": 1e-3},
        "stages": [{"context": 32, "tokens": 4 * 512}],
        "eval": {"slices": []},
    }
    alone = train(corpus, tmp_path / "alone", **together)
    options = {"backend": {"options": {"threads": 1, "prefetchBlocks": 2}}}
    done = train(corpus, tmp_path / "many", ranks=2, parallel=parallel, **together, **options)
    assert done.codes == [0, 0]
    assert done.losses == pytest.approx(alone.losses, rel=1e-5)


def test_muon_resumes_exactly(corpus: Path, tmp_path: Path) -> None:
    whole = train(corpus, tmp_path / "whole", optimizer=MUON)
    parts: list[float] = []
    for seq in range(1, 30):
        make_job(corpus, tmp_path / "parts", optimizer=MUON)
        (tmp_path / "parts" / "control.json").write_text(f'{{"seq": {seq}, "action": "stop"}}')
        done = train(corpus, tmp_path / "parts", optimizer=MUON)
        parts += done.losses
        if done.codes == [0]:
            break
    assert parts == whole.losses
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_muon_takes_the_steps_of_torch_and_skips_none_halfway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.float)  # as ours does on a CPU
    config = Optimizer("muon", 0.9, 0.95, 1e-8, 0.1, 1.0)
    ours, theirs = small(), small()
    optimizer = ShardedOptimizer(ours, config)
    matrices = [value for name, value in theirs.named_parameters() if is_matrix(name)]
    reference = torch.optim.Muon(
        matrices, lr=0.01, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw"
    )
    for step in range(3):
        for model in (ours, theirs):
            torch.manual_seed(step)
            tokens = torch.randint(50, (2, 9))
            (model(tokens[:, :-1], tokens[:, 1:]) / 4).backward()
        optimizer.gradients()
        optimizer.step(0.01, torch.tensor(1.0), torch.tensor(0.0))
        reference.step()
        with torch.no_grad():
            for (name, mine), other in zip(
                ours.named_parameters(), theirs.parameters(), strict=True
            ):
                if is_matrix(name):
                    torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-5)
                else:
                    other.copy_(mine)
        optimizer.clear_gradients()
        reference.zero_grad()
        theirs.zero_grad()
    before = {name: value.detach().clone() for name, value in ours.named_parameters()}
    momenta = {name: value.clone() for name, value in optimizer.momenta.items()}
    (ours(tokens[:, :-1], tokens[:, 1:]) * float("nan")).backward()
    optimizer.gradients()
    optimizer.step(0.01, torch.tensor(float("nan")), torch.tensor(1.0))
    assert all(torch.equal(value, before[name]) for name, value in ours.named_parameters())
    assert all(torch.equal(value, momenta[name]) for name, value in optimizer.momenta.items())


@pytest.mark.parametrize("shape", [(8, 8), (4, 16), (16, 4)])
def test_orthogonal_updates_have_singular_values_near_one(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
    assert values.min() > 0.5
    assert values.max() < 1.3


def test_a_packed_row_has_the_loss_and_gradients_of_its_documents_alone() -> None:
    torch.manual_seed(0)
    parts = [torch.cat((torch.tensor([BOS]), torch.randint(3, 50, (n,)))) for n in (4, 9, 6)]
    packed, apart = small(), small()
    packed.document_start = BOS
    row = torch.cat(parts)
    targets = torch.cat([F.pad(part[1:], (0, 1), value=-100) for part in parts])
    loss = packed(row[None], targets[None])
    loss.backward()
    other = sum(apart(part[None], F.pad(part[1:], (0, 1), value=-100)[None]) for part in parts)
    other.backward()
    torch.testing.assert_close(loss, other, rtol=1e-5, atol=1e-5)
    for (name, mine), theirs in zip(packed.named_parameters(), apart.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-4, atol=1e-5, msg=name)


def test_a_document_mask_looks_backwards_within_documents() -> None:
    mask = document_mask(torch.tensor([[7, 1, 8, 1, 9]]), 1)[0, 0]
    assert mask.int().tolist() == [
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 1, 1],
    ]


def test_z_loss_is_in_the_gradient_and_not_in_the_loss() -> None:
    torch.manual_seed(0)
    hidden = torch.randn(12, 8, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(21, 8, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(21, (12,))
    targets[4] = -100
    loss = sum_cross_entropy(hidden, weight, targets, 5, 0.01)
    mine = torch.autograd.grad(loss, (hidden, weight))
    scores = hidden @ weight.T
    plain = F.cross_entropy(scores, targets, ignore_index=-100, reduction="sum")
    z = scores.logsumexp(-1)[targets != -100].square().sum()
    theirs = torch.autograd.grad(plain + 0.01 * z, (hidden, weight))
    assert loss.item() == pytest.approx(plain.item(), rel=1e-6)
    for one, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_selective_recompute_keeps_more_than_whole_and_has_its_gradients() -> None:
    tokens = torch.randint(50, (2, 17))
    results: dict[Any, tuple[int, torch.Tensor]] = {}
    for recompute in (False, "selective", True):
        model = small(dataclasses.replace(SMALL, layers=2))
        model.recompute = recompute
        products = 0

        class Counter(torch.utils._python_dispatch.TorchDispatchMode):
            def __torch_dispatch__(
                self, operation: Any, _types: Any, arguments: Any = (), options: Any = None
            ) -> Any:
                nonlocal products
                products += operation is torch.ops.aten.mm.default
                return operation(*arguments, **(options or {}))

        loss = model(tokens[:, :-1], tokens[:, 1:])
        with Counter():
            loss.backward()
        results[recompute] = products, model.model.layers["0"].self_attn.q_proj.weight.grad
    # Products in backward: two for each of the forward pass, and those that are done again.
    assert results[False][0] == results["selective"][0] < results[True][0]
    for recompute in ("selective", True):
        torch.testing.assert_close(results[recompute][1], results[False][1])
