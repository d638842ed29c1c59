"""One run that trains: its parts put together, brought to the first step, and on to the end."""

import functools
import gc
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import Span, span_at, spans_of
from cnnlab.domain.data.split import LabelNoise, clean_train_subset
from cnnlab.domain.errors import TrainingError
from cnnlab.domain.history import best_epoch
from cnnlab.domain.network.cached import CachedFeatures
from cnnlab.domain.records.training import EpochRecord, WorkerFacts
from cnnlab.training.devices.acceleration import Acceleration, Situation, rate_changes_within_epoch
from cnnlab.training.devices.device import Device, describe, exactness
from cnnlab.training.devices.memory_estimate import build_fitting, estimate_memory
from cnnlab.training.devices.replicas import acting_together, share_out
from cnnlab.training.input.data import (
    TrainingData,
    batch_order_checksum,
    pipeline_depth,
    steps_per_epoch,
)
from cnnlab.training.judging.batch_statistics import BatchStatistics, statistics_subset
from cnnlab.training.judging.evaluate import EpochEvaluator, Predictor, images_per_pass
from cnnlab.training.loop.callbacks import (
    Callbacks,
    DialTurns,
    EpochClock,
    LearningRate,
    StopRequests,
)
from cnnlab.training.loop.checkpoint import (
    EPOCH,
    STEP,
    State,
    capture,
    load_weights,
    restore,
    restore_metrics,
)
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.loop.feed import FeatureFeed, image_feed, plan_cache
from cnnlab.training.loop.kept import kept_state
from cnnlab.training.loop.outcome import FitOutcome
from cnnlab.training.loop.phases import Phases
from cnnlab.training.loop.recording import CheckpointsWithinEpochs, EpochReports, StepReports
from cnnlab.training.loop.stopping import stops_early
from cnnlab.training.loop.trial import Trial
from cnnlab.training.loop.writer import QueuedRecorder
from cnnlab.training.network.model import build_model, layer_table
from cnnlab.training.network.pretrained import StartWeights, load_pretrained
from cnnlab.training.seeds import checksum, layer_checksums

_FLIPS_WATCHED = 200
"""At most so many images with a flipped label are predicted after each epoch."""


class Training:
    """The parts of one run, put together."""

    def __init__(
        self,
        config: RunConfig,
        data: TrainingData,
        device: Device,
        board: DialBoard,
        within_state: State | None = None,
        start: StartWeights | None = None,
    ) -> None:
        """Build the network, with the weights that the run begins with.

        Args:
            config: of the run, with a batch size that is a number.
            data: of the run.
            device: where it computes.
            board: its dials.
            within_state: captured within the epoch that comes next, to go on from there.
            start: the weights that `architecture.pretrained` names.

        Raises:
            ConfigError: the network is impossible, or none of the weights in `start` fit.
            TrainingError: the memory doesn't suffice.
        """
        self._config, self._data = config, data
        self._device, self._board = device, board
        self._within, self._start = within_state, start
        self.batch_size_words = ""
        self._known_facts: WorkerFacts | None = None
        self._first_batches: tf.data.Dataset | None = None
        self._clock = EpochClock(
            steps_per_epoch(config, data), within_state, config.training.images_per_step
        )
        self._clean = data.train[clean_train_subset(data.train_labels, config.split.seed)]
        self._model = build_fitting(
            lambda: build_model(config, data.image_shape, data.classes, board),
            config,
            device,
            [self._computed_once([span]) for span in spans_of(config)],
        )
        self._transfer = start and load_pretrained(self._model, start)
        self._phases = Phases(self._model, config, board)

    def is_ready_soon(self, most_bytes: int) -> bool:
        """Whether no features are computed first, and training takes at most so much memory."""
        estimate = estimate_memory(self._model, self._config, self._device, process_bytes=0)
        return self._computed_once() is None and estimate.total <= most_bytes

    def get_ready(self) -> None:
        """Make the first step of a run that starts anew, and put everything back.

        So all is compiled, and no bit of the run is another: a step depends on nothing but what a
        state holds, by which interrupted runs go on exactly, too.
        """
        span = self._phases.spans[0]
        self._begin(span, finished=0)
        self._take_images()
        self._first_batches = self._feed.batches(0, 0)
        before = capture(self._model, 0)
        try:
            self._model.fit(
                self._first_batches, epochs=1, steps_per_epoch=1, shuffle=False, verbose=0
            )
        finally:
            restore(self._model, before)

    def run(
        self,
        told: QueuedRecorder,
        records: list[EpochRecord],
        state: State | None,
        best_state: State | None,
        checkpoint_seconds: float,
    ) -> FitOutcome:
        """Train to the end and say how it went; once.

        Args:
            told: is told all that happens and asked whether to stop.
            records: of the epochs that are finished.
            state: captured after the last of them.
            best_state: captured after the best of them, where it is at hand.
            checkpoint_seconds: how often the state is handed over within an epoch.
        """
        self._told = told
        self._check_position(records)
        newest = state if self._within is None else self._within
        span = self._phase_after(records)
        facts = self._known_facts or self._begin(span, len(records))
        if newest is not None:
            self._phases.go_on_from(newest, span)
        self._told.started(facts)
        stops = StopRequests(self._told, self._clock.steps)
        rates = LearningRate(self._board, self._clock, records)
        reports = EpochReports(self._told, self._clock, rates, stops, self._stops_early)
        reports.begin_with(records, state, best_state)
        if not self._is_over(records):
            within = CheckpointsWithinEpochs(self._told, self._clock, rates, checkpoint_seconds)
            batch_size = self._config.training.images_per_step
            steps = StepReports(self._told, self._clock, rates, batch_size)
            lead = self._acceleration.whole_executions(pipeline_depth(self._device.threads))
            turns = DialTurns(self._board, self._told, self._clock, lead)
            self._fit([turns, rates, steps, stops, within, reports], reports, stops)
        return self._outcome(reports)

    def _begin(self, span: Span, finished: int) -> WorkerFacts:
        """Compile for a phase; return the facts, the first weights among them."""
        facts = self._facts()
        self._acceleration = self._accelerate(facts, finished)
        self._phases.begin(span, self._acceleration)
        self._known_facts = facts
        return facts

    def _phase_after(self, records: Sequence[EpochRecord]) -> Span:
        """The phase of the epoch that comes next; of a run that is over the last one."""
        return span_at(self._phases.spans, len(records))

    def _computed_once(self, spans: Sequence[Span] | None = None) -> CachedFeatures | None:
        """What need not be computed anew at every step: nothing where dials change the images."""
        if self._board.augmentations:
            return None
        return plan_cache(self._config, self._data, spans)

    def _prepare_feed(self, span: Span) -> bool:
        """Compute once what can be; whether the run goes on, which a user may not want by then."""
        if self._first_batches is not None:
            return True  # it has got ready before
        config, threads = self._config, self._device.threads
        self._take_images()
        cached = self._computed_once([span])
        if cached is None:
            return True
        features = FeatureFeed(self._model, config, self._data, cached, span.first_epoch)
        feed = features.make(self._read_as_they_are(), self._told, threads)
        if feed is None:
            return False
        self._feed = feed
        # A partial, because Keras would take a model for a layer of this one.
        self._model.step_forward = functools.partial(feed.forward)
        return True

    def _take_images(self) -> None:
        """Feed the steps with images, all of whose features they compute."""
        config, threads = self._config, self._device.threads
        self._feed = image_feed(self._model, config, self._data, self._board, threads)
        self._model.step_forward = None

    def _read_as_they_are(self) -> np.ndarray:
        """(M,) int, sorted positions of the images that are read without augmentation."""
        data = self._data
        parts = [self._clean, data.validation, self._flipped().positions]
        parts.append(statistics_subset(self._model, data))
        if not self._config.augmentation.is_on:
            parts.append(data.train)
        return np.unique(np.concatenate(parts))

    def _flipped(self) -> LabelNoise:
        return self._data.noise.sample(_FLIPS_WATCHED, self._config.split.seed)

    def _measuring(self) -> BatchStatistics:
        """In passes as large as has room anyway: the fewer, the more exact."""
        step_images = self._config.training.images_per_step // max(1, len(self._device.replicas))
        batch = max(images_per_pass(self._data.image_shape), step_images)
        chosen = statistics_subset(self._model, self._data)
        feed = self._feed
        return BatchStatistics(feed.forward, feed.data.images, chosen, self._told.beat, batch)

    def _accelerate(self, facts: WorkerFacts, finished: int) -> Acceleration:
        """Decide what makes this run faster, and note it among the facts."""
        config, steps = self._config, self._clock.steps
        begun = 0 if self._within is None else int(self._within[STEP])
        situation = Situation(
            device=self._device,
            deterministic=facts["deterministic"].startswith("Exact"),
            precision=config.training.precision,
            rate_changes=rate_changes_within_epoch(config.optimizer),
            boundaries=[steps, begun, *(turn.step for turn in self._board.turns)],
        )
        steps_left = (config.training.epochs - finished) * steps
        trial = Trial(config, self._data, self._device, self._start)
        acceleration = trial.accelerate(situation, steps_left, self._computed_once())
        facts["acceleration"] = acceleration.words
        return acceleration

    def _check_position(self, records: list[EpochRecord]) -> None:
        within = self._within
        if within is None:
            return
        if int(within[EPOCH]) != len(records) or int(within[STEP]) >= self._clock.steps:
            raise TrainingError(
                "The checkpoint within an epoch isn't of the epoch that comes next, so the run "
                f"can't be resumed from it: start a new run. Received: epoch "
                f"{int(within[EPOCH])}, step {int(within[STEP])}, {len(records)} finished epochs"
            )

    def _evaluator(self) -> EpochEvaluator:
        return EpochEvaluator(
            self._model,
            self._feed.data,
            self._clean,
            self._measuring(),
            Predictor(self._feed.forward, self._told.beat),
            self._flipped(),
        )

    def _fit(
        self,
        callbacks: list[keras.callbacks.Callback],
        reports: EpochReports,
        stops: StopRequests,
    ) -> None:
        """Train all epochs that are left, phase by phase."""
        records, span = reports.records, self._phase_after(reports.records)
        while self._prepare_feed(span):
            self._told.phase("Compiling")
            reports.evaluate = self._evaluator()
            self._fit_phase(callbacks, reports, stops, span)
            if stops.asked or self._is_over(records) or reports.last_state is None:
                return
            self._forget_feed(reports)
            span = self._phase_after(records)
            self._phases.begin(span, self._acceleration)
            self._phases.go_on_from(reports.last_state, span)

    def _forget_feed(self, reports: EpochReports) -> None:
        """Let go of a phase's features, before those of the next one need the room."""
        del self._feed, reports.evaluate
        self._model.step_forward = None
        gc.collect()  # Keras' own circles hold them

    def _fit_phase(
        self,
        callbacks: list[keras.callbacks.Callback],
        reports: EpochReports,
        stops: StopRequests,
        span: Span,
    ) -> None:
        """Finish the epoch that was begun, if one was, and train the others of a phase."""
        within, self._within = self._within, None
        if within is not None:
            put_back = keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda *_: restore_metrics(self._model, within)
            )
            begun = int(within[EPOCH])
            self._fit_epochs([put_back, *callbacks], begun, begun + 1, int(within[STEP]))
            if stops.asked or self._is_over(reports.records):
                return
            # With averaged weights, Keras' `fit` leaves the model with these at its end.
            if reports.last_state is not None:
                self._phases.go_on_from(reports.last_state, span)
        if len(reports.records) < span.end_epoch:
            self._fit_epochs(callbacks, len(reports.records), span.end_epoch)

    def _fit_epochs(
        self,
        callbacks: list[keras.callbacks.Callback],
        first_epoch: int,
        end_epoch: int,
        first_step: int = 0,
    ) -> None:
        batches = self._first_batches or self._feed.batches(first_epoch, first_step)
        self._first_batches = None
        with acting_together(self._model):
            self._model.fit(
                share_out(batches),
                epochs=end_epoch,
                initial_epoch=first_epoch,
                steps_per_epoch=self._clock.steps - first_step,
                callbacks=Callbacks(callbacks, self._model, self._clock),
                shuffle=False,
                verbose=0,
            )

    def _is_over(self, records: list[EpochRecord]) -> bool:
        return len(records) >= self._config.training.epochs or self._stops_early(records)

    def _stops_early(self, records: list[EpochRecord]) -> bool:
        wanted = self._config.regularization.early_stopping
        return stops_early(wanted, records, self._phases.spans[-1].first_epoch)

    def _outcome(self, reports: EpochReports) -> FitOutcome:
        records = reports.records
        model = build_model(self._board.config, self._data.image_shape, self._data.classes)
        if reports.last_state is not None:
            load_weights(model, reports.last_state)
        return FitOutcome(
            status="finished" if self._is_over(records) else "stopped",
            stopped_early=self._stops_early(records),
            best_epoch=best_epoch(records),
            history=records,
            model=model,
            weights_checksum=checksum(model.weights),
            kept_state=kept_state(self._config, reports.last_state, reports.best_state),
        )

    def _facts(self) -> WorkerFacts:
        table = layer_table(self._model)
        depthwise = any(row["kind"] in ("DepthwiseConv2D", "SeparableConv2D") for row in table)
        start, transfer = self._start, self._transfer
        return {
            **describe(self._device),
            "batch_size": self._config.training.images_per_step,
            "batch_size_words": self.batch_size_words,
            "acceleration": "",  # said once it is decided
            "cached_features": self._cached_words(),
            "deterministic": exactness(self._device, depthwise=depthwise),
            "parameters": self._model.count_params(),
            "layers": table,
            "pretrained": transfer.facts(start) if start and transfer else None,
            "phases": self._phases.facts(),
            "init_checksum": checksum(self._model.weights),
            "layer_checksums": layer_checksums(self._model),
            "batch_order_checksum": batch_order_checksum(self._config, self._data),
            "epochs": self._config.training.epochs,
            "steps_per_epoch": self._clock.steps,
            "train_images": len(self._data.train),
            "flipped_labels": len(self._data.noise),
            "validation_images": len(self._data.validation),
            "clean_images": len(self._clean),
            "clean_is_subset": len(self._clean) < len(self._data.train),
            "statistics_images": len(statistics_subset(self._model, self._data)),
        }

    def _cached_words(self) -> str:
        """What is computed once, in the phases in which anything is."""
        spans = self._phases.spans
        plans = ((span, self._computed_once([span])) for span in spans)
        told = [(span.name, cached.words) for span, cached in plans if cached]
        if len(spans) == 1:
            return "".join(words for _, words in told)
        return " ".join(f"{name}: {words}" for name, words in told)
