"""Trainings without processes: an epoch each time that somebody asks whether they live."""

from cnnlab.files import write_json
from cnnlab.storage.attempts.attempt import AttemptRecorder
from tests.runner.executors.plain import PlainExecutor
from tests.runner.light_worker import plan_of, record_of


class Stepped:
    """Makes executors, of which a next one finds what the one before has begun.

    What a training does says `light_worker`: `waits`, `waits_after`, `fails` and `fails_above`.
    """

    def __init__(self):
        self.trainings = {}

    def __call__(self, home, module, *, capacity):
        """As `LocalExecutor` is called."""
        return SteppedExecutor(home, self.trainings, capacity)


class SteppedExecutor(PlainExecutor):
    def __init__(self, home, trainings, capacity):
        super().__init__(capacity)
        self._home = home
        self._trainings = trainings

    def start(self, job):
        self._trainings[job.folder] = self._train(job.files)

    def is_alive(self, job):
        training = self._trainings.get(job.folder)
        return training is not None and next(training, None) is not None

    def kill(self, job):
        self._trainings.pop(job.folder, None)

    def _train(self, attempt):
        """Yield before each epoch, and while it waits for the stop."""
        plan = plan_of(attempt.read_config(), self._home)
        if cause := plan.get("fails"):
            told = {"status": "failed", "message": f"It failed: {cause}.", "cause": cause}
            write_json(attempt.result, told)
            return
        recorder = AttemptRecorder(attempt)
        recorder.started({"device": "none"})
        status = "finished"
        try:
            for epoch in range(plan["epochs"]):
                yield epoch
                while plan.get("waits") and not recorder.should_stop():
                    yield epoch
                if recorder.should_stop():
                    status = "stopped"
                    break
                recorder.epoch(record_of(epoch, bytes(2), plan["accuracies"]))
                while plan.get("waits_after") == epoch and not recorder.should_stop():
                    yield epoch
        finally:  # also where nobody asks any more
            recorder.close()
        write_json(attempt.result, {"status": status, "message": None})
