"""A training run, from the newest complete checkpoint to the last step or an earlier stop."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from .control import Control
from .data.plan import DataState, StepData, StepPlan, Timetable, split
from .data.prefetch import Prefetcher
from .data.realised import mixture
from .data.shards import open_corpora
from .distributed.parallel import World, alone
from .evaluation.contamination import find_overlap
from .evaluation.evaluate import evaluate, read_slice
from .events import Events, finite
from .failure import BUDGET, DONE, NOT_FINITE, STOPPED, TrainFailure, data_mismatch
from .inference.generate import continue_ids
from .job import TrainJob
from .model.flops import flops_per_token, peak_flops
from .model.llama import count_parameters
from .training.background import Background, on_cpu
from .training.board import Board
from .training.checkpoint import (
    RunState,
    newest,
    open_checkpoint,
    open_existing,
    prune,
    save,
    set_aside,
)
from .training.optimizer import decay_start, learning_rate
from .training.readings import Readings
from .training.trainer import Trainer

SMOOTHING = 0.9
NOT_FINITE_STEPS = 8
"""Steps in a row without a finite loss after which the run goes back, or fails."""
SKIPPED_KEPT = 1000
"""Numbers of skipped steps that a checkpoint remembers."""


class Run:
    """One run in this process. `go` is the loop."""

    def __init__(self, job: TrainJob, world: World, events: Events) -> None:
        self.job, self.world, self.events = job, world, events
        self.folder = Path(job.run)
        self.timetable = Timetable(job)
        shards = open_corpora(job.data)
        self.data = StepData(job, shards, world.place("data"), job.parallel.data)
        self.slices = [read_slice(wanted, shards, job.data.tokenizer) for wanted in job.eval.slices]
        own = open_checkpoint(self.folder, "latest", job.hash, events.warn)
        reader, saved = own or (None, None)
        self.resumed_from = reader.folder.name if reader else None
        control_seq, self.last_saved = (saved.control_seq, saved.step) if saved else (0, -1)
        if saved:
            world.barrier()  # all processes have read the checkpoints
            if world.is_main:
                set_aside(self.folder, saved.step)
        if own is None and job.start is not None:
            source, name = Path(job.start.run), job.start.checkpoint
            reader, saved = open_existing(source, name, job.start.hash, events.warn)
            saved = saved if job.start.continues else None
            self.resumed_from = f"{source}: {name}"
        self.state = DataState(saved.stage, saved.samples) if saved else DataState(0, 0)
        if saved and saved.fingerprints != self.fingerprints:
            raise data_mismatch(
                f"{self.resumed_from}: made with other token shards", "Start a new run."
            )
        self.number = saved.step if saved else 0
        self.smoothed = saved.smoothed_loss if saved else None
        if world.is_main:
            self._prune()
        self.trainer = Trainer(job, world, reader)
        self.control = Control(job, world, control_seq)
        self.readings = Readings(world.device)
        self.bad_steps = 0
        self.skipped = list(saved.skipped) if saved else []
        self.went_back = saved.went_back if saved else False
        # Whether a checkpoint that waits is permanent, and protected.
        self.due: tuple[bool, bool] | None = None
        if world.is_main and job.backend.options.get("tensorboard", False):
            self._open_board()
        self.background = Background()
        # The stages of a pipeline write a checkpoint together.
        asked = bool(job.backend.options.get("asyncCheckpoints", False))
        self.writes_behind = asked and job.parallel.pipeline == 1
        self.clock, self.waited, self.waited_before = time.perf_counter(), 0.0, 0.0
        self.peak = peak_flops(world.device)

    def _open_board(self) -> None:
        try:
            self.events.follower = Board(self.folder, self.number).follow
        except (ImportError, OSError) as error:
            self.events.warn(f"nothing for TensorBoard is written: {error}", "no-tensorboard")

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(corpus.fingerprint for corpus in self.job.data.corpora)

    @property
    def tokens(self) -> int:
        return self.timetable.tokens_seen(self.state)

    def go(self) -> int:
        """Trains and returns the exit code. Failures are raised."""
        self._announce()
        device = self.world.device
        prefetcher = Prefetcher(self.timetable, self.data, self.state, pinned=device.type == "cuda")
        gc.collect()
        gc.freeze()
        # A collection would stall every process, and the loop creates no cycles.
        gc.disable()
        orders = None
        try:
            for step, tokens in prefetcher:
                before = self.tokens
                metrics = self.trainer.step(
                    self.number, step, *split(tokens.to(device, non_blocking=True))
                )
                self.number += 1
                self.readings.add(self.number, step, metrics)
                self.state = self.timetable.after(step)
                orders = self.control.poll()
                self.waited = prefetcher.waited_seconds
                if (self.number - self.readings.lag) % self.job.log.every_steps == 0:
                    self._report(everything=False)
                self._after_step(before, orders.evaluate, orders.checkpoint)
                if orders.stop or orders.budget:
                    break
        finally:
            gc.enable()
            prefetcher.close()
        reason = "stopped" if orders and orders.stop else "budget"
        return self._finish("finished" if self.timetable.next_step(self.state) is None else reason)

    def _announce(self) -> None:
        job, last = self.job, self.job.stages[-1].context
        tokens = self.timetable.total_tokens
        self.events.write(
            "plan",
            parameters=count_parameters(job.model),
            steps=job.schedule.total_steps,
            tokens=tokens,
            flops=flops_per_token(job.model, last) * tokens,
            resumedFrom=self.resumed_from,
        )
        if self.slices and self.world.is_main:
            self.events.write("contamination", **find_overlap(self.slices, self.data.streams))

    def _crossed(self, before: int, every: int) -> bool:
        return every > 0 and self.tokens // every > before // every

    def _after_step(self, before: int, evaluate_now: bool, save_now: bool) -> None:
        job = self.job
        is_over = self.timetable.next_step(self.state) is None
        if evaluate_now or (self._crossed(before, job.eval.every_tokens) and not is_over):
            self._report()
            self._evaluate()
        if self._crossed(before, job.sample.every_tokens):
            self._report()
            self._sample()
        # A fork with more tokens goes on from before the decay.
        protected = job.schedule.type == "wsd" and self.number == decay_start(job.schedule)
        permanent = protected or self._crossed(before, job.checkpoints.every_tokens)
        if permanent or save_now or self.due is not None:
            self._report()
            waiting = self.due or (False, False)
            permanent, protected = permanent or waiting[0], protected or waiting[1]
            # Nothing of a step that is not finite is applied, but it may be the first of many.
            self.due = (permanent, protected) if self.bad_steps else None
            if self.due is None:
                self._save(permanent, protected)

    def _report(self, everything: bool = True) -> None:
        """Writes the metrics of the steps since the last report.

        On a GPU the newest step is left for the next report, unless `everything` is set.
        """
        readings = self.readings.take(everything)
        if not readings:
            return
        seconds = (time.perf_counter() - self.clock) / len(readings)
        for number, step, (loss, norm, skipped, sigmas) in readings:
            is_finite = finite(loss) is not None and finite(norm) is not None
            self.bad_steps = 0 if is_finite else self.bad_steps + 1
            if skipped:
                self.skipped = [*self.skipped, number][-SKIPPED_KEPT:]
                self.events.write(
                    "spike",
                    step=number,
                    loss=finite(loss),
                    gradNorm=finite(norm),
                    sigmas=finite(sigmas),
                )
            else:
                self.smoothed = (
                    loss
                    if self.smoothed is None
                    else SMOOTHING * self.smoothed + (1 - SMOOTHING) * loss
                )
            if number % self.job.log.every_steps == 0:
                self._write_step(number, step, loss, norm, seconds, len(readings))
        if self.bad_steps >= NOT_FINITE_STEPS:
            self._go_back()
        self.clock, self.waited_before = time.perf_counter(), self.waited

    def _write_step(
        self, number: int, step: StepPlan, loss: float, norm: float, seconds: float, count: int
    ) -> None:
        job = self.job
        speed = step.samples * step.context / seconds
        mfu = None
        if self.peak is not None:
            mfu = speed * flops_per_token(job.model, step.context) / self.peak / job.parallel.ranks
        self.events.write(
            "step",
            step=number,
            tokens=step.tokens,
            loss=finite(loss),
            smoothed=self.smoothed,
            gradNorm=finite(norm),
            lr=learning_rate(job.schedule, number - 1),
            tokensPerSecond=speed,
            mfu=mfu,
            memoryBytes=memory_bytes(self.world.device),
            dataWaitMs=1000 * (self.waited - self.waited_before) / count,
        )

    def _go_back(self) -> None:
        """Takes weights and optimizer back to the last checkpoint, once.

        The data goes on: the steps since then are not repeated, as their data may be the reason
        (Chowdhery et al. 2022, section 5.1).
        """
        found = None
        self.background.wait()
        if not self.went_back:
            found = open_checkpoint(self.folder, "latest", self.job.hash, self.events.warn)
        if found is None:
            raise self._not_finite()
        reader, state = found
        self.events.warn(
            f"no finite loss for {self.bad_steps} steps up to step {self.number}: "
            f"the weights are those of {reader.folder.name} again, the data goes on",
            "went-back",
        )
        self.trainer.restore(reader)
        self.went_back, self.bad_steps, self.smoothed = True, 0, state.smoothed_loss

    def _prune(self) -> None:
        kept = self.job.checkpoints
        prune(self.folder, kept.keep, kept.keep_permanent)

    def _not_finite(self) -> TrainFailure:
        last = newest(self.folder)
        where = f"go back to {last.name}" if last else "there is no checkpoint to go back to"
        return TrainFailure(
            NOT_FINITE,
            "not-finite",
            f"no finite loss for {self.bad_steps} steps up to step {self.number}; "
            f"none of them was saved ({where})",
            "Continue with a lower learningRate (`--fork <name>`), or inspect the data here.",
        )

    def _evaluate(self) -> None:
        if not self.slices:
            return
        self.events.write("phase", name="eval", state="begin")
        context = self.job.stages[min(self.state.stage, len(self.job.stages) - 1)].context
        results = evaluate(self.trainer, self.slices, context, self.job.batch.micro_tokens)
        self.events.write("eval", step=self.number, trainTokens=self.tokens, slices=results)
        self.events.write("phase", name="eval", state="end")
        self.clock = time.perf_counter()

    def _sample(self) -> None:
        parallel = self.job.parallel
        if self.world.is_sharded or parallel.tensor > 1 or parallel.pipeline > 1:
            self.events.write(
                "warn",
                code="no-samples",
                message="No samples are written, because no process holds the whole model.",
            )
            return
        if self.world.is_main:
            for prompt in self.job.sample.prompts:
                # Eager, because every length is a new shape.
                with self.trainer.autocast(), torch.compiler.set_stance("force_eager"):
                    ids = list(
                        continue_ids(
                            self.trainer.model, list(prompt), self.job.sample.tokens, self.job.seed
                        )
                    )
                self.events.write("sample", step=self.number, prompt=list(prompt), tokens=ids)
        self.clock = time.perf_counter()

    def _save(self, permanent: bool, protected: bool = False) -> None:
        if self.last_saved == self.number:
            return
        self._report()
        state = RunState(
            step=self.number,
            tokens=self.tokens,
            stage=self.state.stage,
            samples=self.state.samples,
            seed=self.job.seed,
            fingerprints=self.fingerprints,
            smoothed_loss=self.smoothed,
            control_seq=self.control.seen,
            permanent=permanent,
            skipped=tuple(self.skipped),
            went_back=self.went_back,
            protected=protected,
        )
        self.background.wait()
        model, optimizer = self.trainer.model_tensors(), self.trainer.optimizer_tensors()
        if self.writes_behind:
            kept = self.world.is_main
            copies = on_cpu(model, kept), on_cpu(optimizer, kept)
            if kept:
                self.background.start(
                    lambda: self._write(state, *map(iter, copies), alone(torch.device("cpu")))
                )
        else:
            self._write(state, model, optimizer, self.world)
        self.last_saved = self.number
        self.control.mark_saved()
        self.clock = time.perf_counter()

    def _write(
        self,
        state: RunState,
        model: Iterator[tuple[str, Tensor]],
        optimizer: Iterator[tuple[str, Tensor]],
        world: World,
    ) -> None:
        folder, size = save(self.folder, state, self.job.hash, model, optimizer, world)
        if self.world.is_main:
            self._prune()
        self.events.write(
            "checkpoint",
            step=state.step,
            tokens=state.tokens,
            path=f"checkpoints/{folder.name}",
            bytes=size,
            permanent=state.permanent,
        )

    def _finish(self, reason: str) -> int:
        self._report()
        if reason == "finished":
            self._evaluate()
        self._save(permanent=reason == "finished")
        self.background.wait()
        if self.world.is_main:
            self.events.write("mixture", **mixture(self.job, self.data, self.state))
        self.events.write("done", step=self.number, tokens=self.tokens, reason=reason)
        return {"finished": DONE, "stopped": STOPPED, "budget": BUDGET}[reason]


def memory_bytes(device: torch.device) -> int:
    """Returns peak memory in bytes: of the GPU's allocator, or of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
