"""The model, its loss, its optimizer and the spike guard, checked against plain versions."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
import torch.nn.functional as F

from cosmos_torch.inference.generate import continue_ids, pick
from cosmos_torch.job import Model, Optimizer, Schedule, Spikes
from cosmos_torch.model.flops import body_parameters, flops_per_token, flops_per_token_6n
from cosmos_torch.model.llama import Llama, count_parameters, initial_value
from cosmos_torch.model.loss import sum_cross_entropy
from cosmos_torch.training.guard import PATIENCE, WARM_STEPS, SpikeGuard
from cosmos_torch.training.optimizer import ShardedOptimizer, is_decayed, learning_rate

SMALL = Model(
    layers=3, width=32, heads=4, kv_heads=2, ffn=48, vocab=50, tied=False,
    rope_theta=10000.0, norm_eps=1e-5, dropout=0.0, init_std=0.05,
)  # fmt: skip


def small(config: Model = SMALL, stage: int = 0, stages: int = 1) -> Llama:
    model = Llama(config, stage, stages)
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(initial_value(name, value.shape, config, 3))
    return model


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_chunked_loss_and_gradients_equal_cross_entropy(chunk: int) -> None:
    torch.manual_seed(0)
    targets = torch.randint(50, (64,))
    targets[5:9] = -100
    results = []
    for fused in (True, False):
        torch.manual_seed(1)
        hidden = torch.randn(64, 16, dtype=torch.float64, requires_grad=True)
        weight = torch.randn(50, 16, dtype=torch.float64, requires_grad=True)
        if fused:
            loss = sum_cross_entropy(hidden, weight, targets, chunk)
        else:
            loss = F.cross_entropy(hidden @ weight.T, targets, ignore_index=-100, reduction="sum")
        (loss * 0.3).backward()
        results.append((loss.detach().double(), hidden.grad, weight.grad))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)


def test_loss_computes_no_gradient_under_no_grad() -> None:
    with torch.no_grad():
        assert not sum_cross_entropy(
            torch.randn(4, 8), torch.randn(9, 8), torch.zeros(4), 2
        ).requires_grad


def test_parameters_are_named_as_in_hugging_face_and_counted() -> None:
    names = dict(Llama(SMALL).named_parameters())
    assert {
        "model.embed_tokens.weight",
        "model.layers.2.mlp.down_proj.weight",
        "model.norm.weight",
        "lm_head.weight",
    } <= set(names)
    assert sum(value.numel() for value in names.values()) == count_parameters(SMALL)
    tied = dataclasses.replace(SMALL, tied=True)
    assert sum(value.numel() for value in Llama(tied).parameters()) == count_parameters(tied)


@pytest.mark.parametrize(
    ("layers", "width", "heads", "ffn", "untied", "tied"),
    [
        (12, 768, 12, 2048, 183e6, 134e6),
        (24, 1024, 16, 2816, 439e6, 374e6),
        (24, 2048, 16, 5632, 1.49e9, 1.36e9),
        (32, 2560, 32, 6912, 2.865e9, 2.702e9),
        (32, 2560, 32, 10240, 3.683e9, 3.519e9),
    ],
)
def test_presets_have_the_documented_sizes(
    layers: int, width: int, heads: int, ffn: int, untied: float, tied: float
) -> None:
    config = dataclasses.replace(
        SMALL, layers=layers, width=width, heads=heads, kv_heads=heads, ffn=ffn, vocab=64_000
    )
    assert count_parameters(config) == pytest.approx(untied, rel=0.004)
    assert count_parameters(dataclasses.replace(config, tied=True)) == pytest.approx(
        tied, rel=0.004
    )


def test_operations_follow_the_textbook_formulas() -> None:
    assert flops_per_token_6n(SMALL) == 6 * (body_parameters(SMALL) + 50 * 32)
    assert flops_per_token(SMALL, 128) - flops_per_token_6n(SMALL) == 12 * 3 * 32 * 128


def test_pipeline_stages_together_equal_the_whole_model() -> None:
    tokens = torch.randint(50, (2, 16))
    x = tokens
    for stage in range(3):
        x = small(stage=stage, stages=3).hidden(x)
    torch.testing.assert_close(x, small().hidden(tokens))


def test_no_position_sees_a_later_one() -> None:
    model = small().eval()
    tokens = torch.randint(50, (1, 16))
    changed = tokens.clone()
    changed[0, 9] = (changed[0, 9] + 1) % 50
    before, after = model.hidden(tokens), model.hidden(changed)
    torch.testing.assert_close(before[:, :9], after[:, :9], rtol=0, atol=0)
    assert not torch.equal(before[:, 9:], after[:, 9:])


def test_generating_with_a_cache_equals_recomputing_everything() -> None:
    model, prompt = small().eval(), [1, 5, 9]
    with torch.no_grad():
        ids = list(prompt)
        for _ in range(12):
            ids.append(int(model.logits(model.hidden(torch.tensor([ids]))[:, -1:])[0, 0].argmax()))
    assert list(continue_ids(model, prompt, 12, seed=0)) == ids[3:]


def test_generating_stops_before_a_stop_id() -> None:
    model = small().eval()
    whole = list(continue_ids(model, [1], 10, seed=0))
    assert (
        list(continue_ids(model, [1], 10, seed=0, stop=frozenset([whole[4]])))
        == whole[: whole.index(whole[4])]
    )


def test_sampling_keeps_to_the_likeliest_and_is_repeatable_by_seed() -> None:
    scores = torch.tensor([0.0, 3.0, 2.9, -5.0, 2.8])
    draw = [pick(scores, 1.0, 2, 1.0, torch.Generator().manual_seed(seed)) for seed in range(60)]
    assert set(draw) == {1, 2}
    assert draw == [
        pick(scores, 1.0, 2, 1.0, torch.Generator().manual_seed(seed)) for seed in range(60)
    ]
    assert {
        pick(scores, 1.0, 0, 0.2, torch.Generator().manual_seed(seed)) for seed in range(20)
    } == {1}
    assert pick(scores, 0.0, 0, 1.0, torch.Generator()) == 1


def test_learning_rate_warms_up_and_decays_to_the_final_rate() -> None:
    cosine = Schedule("cosine", peak=1.0, final=0.1, warmup_steps=4, total_steps=14)
    rates = [learning_rate(cosine, step) for step in range(16)]
    assert rates[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert rates[13:] == pytest.approx([0.1, 0.1, 0.1])
    assert rates[4:14] == sorted(rates[4:14], reverse=True)
    assert rates[7] == pytest.approx(0.1 + 0.9 * (1 + math.cos(math.pi / 3)) / 2)
    linear = dataclasses.replace(cosine, type="linear")
    assert learning_rate(linear, 7) == pytest.approx(1 - 0.9 / 3)
    assert learning_rate(dataclasses.replace(cosine, type="constant"), 13) == 1.0


def test_only_matrices_between_layers_decay() -> None:
    decayed = {name for name, _ in Llama(SMALL).named_parameters() if is_decayed(name)}
    assert all("_proj" in name for name in decayed)
    assert len(decayed) == 3 * 7


def test_updates_equal_plain_adamw_and_a_skipped_step_changes_nothing() -> None:
    config = Optimizer("adamw", 0.9, 0.95, 1e-8, 0.1, 1.0)
    ours, theirs = small(), small()
    optimizer = ShardedOptimizer(ours, config)
    decayed = [value for name, value in theirs.named_parameters() if is_decayed(name)]
    others = [value for name, value in theirs.named_parameters() if not is_decayed(name)]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    reference = torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.95), eps=1e-8)
    no, yes = torch.tensor(0.0), torch.tensor(1.0)
    for step in range(3):
        for model in (ours, theirs):
            torch.manual_seed(step)
            tokens = torch.randint(50, (2, 9))
            (model(tokens[:, :-1], tokens[:, 1:]) / 4).backward()
        optimizer.gradients()
        optimizer.step(0.01, torch.tensor(2.0), no)
        optimizer.clear_gradients()
        for value in theirs.parameters():
            value.grad /= 2
        reference.step()
        reference.zero_grad()
    for (name, mine), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, msg=name)
    before = {name: value.detach().clone() for name, value in ours.named_parameters()}
    counters = {name: optimizer.moments(name)["step"].clone() for name in before}
    (ours(tokens[:, :-1], tokens[:, 1:]) * float("nan")).backward()
    optimizer.gradients()
    optimizer.step(0.01, torch.tensor(float("nan")), yes)
    for name, value in ours.named_parameters():
        assert torch.equal(value, before[name])
        assert torch.equal(optimizer.moments(name)["step"], counters[name])
        assert optimizer.moments(name)["exp_avg"].isfinite().all()


def steady_guard(steps: int = 64) -> SpikeGuard:
    guard = SpikeGuard(Spikes(128, 6.0), torch.device("cpu"))
    torch.manual_seed(0)
    for _ in range(steps):
        skip, _ = guard.judge(2.0 + 0.1 * torch.randn(()), 1.0 + 0.05 * torch.randn(()))
        assert skip == 0
    return guard


def test_guard_skips_outliers_and_leaves_them_out_of_its_window() -> None:
    guard = steady_guard()
    window = guard.window.clone()
    for loss, norm in ((9.0, 1.0), (2.0, 30.0), (float("nan"), 1.0), (2.0, float("inf"))):
        assert guard.judge(torch.tensor(loss), torch.tensor(norm))[0] == 1
    assert torch.equal(guard.window, window)
    skip, sigmas = guard.judge(torch.tensor(2.1), torch.tensor(1.0))
    assert (float(skip), float(sigmas) < 3) == (0, True)


def test_guard_judges_deviations_only_after_warm_up_but_nan_at_once() -> None:
    guard = steady_guard(WARM_STEPS - 1)
    assert guard.judge(torch.tensor(50.0), torch.tensor(1.0))[0] == 0
    assert (
        SpikeGuard(Spikes(128, 6.0), torch.device("cpu")).judge(
            torch.tensor(math.nan), torch.tensor(1.0)
        )[0]
        == 1
    )


def test_guard_accepts_a_new_level_after_a_while_but_never_a_nan() -> None:
    guard = steady_guard()
    skips = [
        float(guard.judge(torch.tensor(9.0), torch.tensor(1.0))[0]) for _ in range(PATIENCE + 1)
    ]
    assert skips == [1.0] * PATIENCE + [0.0]
    nan = [
        float(guard.judge(torch.tensor(math.nan), torch.tensor(1.0))[0])
        for _ in range(2 * PATIENCE)
    ]
    assert set(nan) == {1.0}


def test_guard_never_makes_the_host_wait() -> None:
    # Fake tensors have no values, so reading one (item(), bool(), an index) raises.
    from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

    with FakeTensorMode():
        guard = SpikeGuard(Spikes(16, 6.0), torch.device("cpu"))
        skip, sigmas = guard.judge(torch.ones(()), torch.ones(()))
        assert (skip.shape, sigmas.shape) == ((), ())
        with pytest.raises(DataDependentOutputException):
            skip.item()
