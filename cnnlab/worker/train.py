"""What a worker does for a run: images, training, the model file; joins training and storage."""

from typing import TYPE_CHECKING

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import CancelledError
from cnnlab.domain.records.result import RunResult
from cnnlab.domain.run import Status
from cnnlab.jobs.kinds.train import TrainRequest
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.attempts.checkpoints import load_states
from cnnlab.tracking.event_folder import events_of
from cnnlab.worker.data import load_data
from cnnlab.worker.kept import KeptModel
from cnnlab.worker.pretrained import start_weights
from cnnlab.worker.process.homes import home_of_work
from cnnlab.worker.process.work import Work
from cnnlab.worker.taking_along.model_file import write_model

if TYPE_CHECKING:
    from cnnlab.training.input.data import TrainingData
    from cnnlab.training.loop.outcome import FitOutcome

TrainWork = Work[TrainRequest, Attempt, AttemptRecorder]


def train(work: TrainWork) -> RunResult:
    """Train an attempt to its end and write its model; return the content of its result file.

    Raises:
        CnnlabError: it failed.
    """
    with events_of(home_of_work(), work.files) as events:
        work.recorder.on_epoch = events.epoch
        answer = _train(work)
        events.end(answer)
    return answer


def _train(work: TrainWork) -> RunResult:
    attempt = work.files
    config = load_config(attempt.read_config())
    try:
        data, outcome = _fit(work, config)
    except CancelledError:  # the user has stopped the run while weights to start with were fetched
        return _without_a_model()
    if outcome.best_epoch is None:
        return _without_a_model()
    return _finish(work, config, data, outcome)


def _fit(work: TrainWork, config: RunConfig) -> tuple["TrainingData", "FitOutcome"]:
    """Train, from the start with what was made ready of it, else from where the run stands.

    Raises:
        CancelledError: the user has stopped it before it began.
    """
    attempt = work.files
    history, turns, states = attempt.history(), attempt.turns(), load_states(attempt.checkpoints)
    ready = work.take_ready(config, work.device)
    if ready is not None and not (history or turns or any(states.values())):
        work.recorder.phase("Building the model")
        from cnnlab.training.loop.fit import fit_ready  # noqa: PLC0415 - it is loaded by now

        return ready.data, fit_ready(ready, work.recorder)
    del ready
    data = load_data(config, work.recorder, work.wait_for_training)
    from cnnlab.training.loop.fit import fit  # noqa: PLC0415

    start = start_weights(attempt.folder.parent, config, data.class_names, work.recorder)
    outcome = fit(
        config,
        data,
        work.recorder,
        start=start,
        history=history,
        turns=turns,
        device=work.device,
        **states,
    )
    return data, outcome


def _without_a_model() -> RunResult:
    message = "Stopped before the first epoch was finished, so there is no model."
    return {"status": Status.STOPPED, "message": message}


def _finish(
    work: TrainWork, config: RunConfig, data: "TrainingData", outcome: "FitOutcome"
) -> RunResult:
    """Judge the kept model; write it, load it again elsewhere and compare, unless that can wait."""
    from cnnlab.training.judging.evaluate import final_evaluation  # noqa: PLC0415

    recorder = work.recorder
    recorder.phase("Judging the best model")
    checksum = outcome.weights_checksum
    model = outcome.kept_model()
    evaluation = final_evaluation(model, data, outcome.best_epoch, recorder.beat)
    recorder.should_stop()  # not asked for its answer: it raises where a newer attempt took over
    answer: RunResult = {
        "status": Status(outcome.status),
        "message": "Early stopping ended it." if outcome.stopped_early else None,
        "best_epoch": outcome.best_epoch,
        "model_epoch": outcome.kept_epoch,
        "weights_checksum": checksum,
        "report": evaluation,
    }
    request, is_stopped = work.request, outcome.status == "stopped"
    if request.writes_stopped_model if is_stopped else request.writes_model:
        kept = KeptModel(config, data, model, outcome.kept_epoch)
        answer["export"] = write_model(work.files.folder, recorder, kept)
        recorder.should_stop()
    return answer
