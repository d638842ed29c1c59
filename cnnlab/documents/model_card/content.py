"""What a model card is made of: read by the caller, so that the card is a pure function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cnnlab.diagnosis.diagnosis import Diagnosis
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.vault import LookedAtNumbers, VaultLooks
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.records.result import Evaluation, RunResult
from cnnlab.domain.records.training import EpochRecord, Nothing, WorkerFacts
from cnnlab.domain.run import Run
from cnnlab.study.chance.optimism import Optimism


@dataclass(frozen=True)
class Data:
    """The images as a run sees them.

    Attributes:
        dataset: as it is stored.
        fingerprint: hex hash of what it holds.
        parts: images of each class, in the order of the labels, by part.
        own_parts: the parts that the upload brought; the others are drawn.
        findings: what was found in the images, titles and sentences.
        kept: titles of those that the user keeps as they are.
        notes: what else is to be known of the parts and the upload, in sentences.
    """

    dataset: Dataset
    fingerprint: str
    parts: Mapping[str, Sequence[int]]
    own_parts: frozenset[str] = frozenset()
    findings: Sequence[tuple[str, str]] = ()
    kept: frozenset[str] = frozenset()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class PreparedFile:
    """A file of the model that is kept with the run.

    Attributes:
        title: of its format.
        file: its name.
        calibrated: whether it has the temperature of the evaluation.
        check: how it compares with the model.
    """

    title: str
    file: str
    calibrated: bool
    check: ExportCheck


@dataclass(frozen=True)
class CardContent:
    """A run as its card tells it.

    Attributes:
        run: it has ended, and has an epoch.
        history: of its finished epochs.
        facts: what its worker said at the start.
        result: how it ended.
        config: None where it is of another version, which this one doesn't take.
        data: None where the dataset is damaged or gone.
        judgement: on its validation images; None where nobody has asked for it.
        optimism: how much too good the best epoch's accuracy is.
        test: None where nobody has looked at its test images; no number of them is anywhere here.
        looks: at the images that are its test images; None where that isn't known.
        diagnoses: what its curves show.
        version_note: on the versions that made it.
        flattered: that it trains on images that others were judged on, and that its start was
            trained on images that judge it, a sentence or more each.
        prepared: files of the model that are there.
        study: name of the study that it belongs to.
        is_imported: whether it came with an evidence bundle, so that nothing is measured here.
        made_at: when the card was made, ISO 8601.
    """

    run: Run
    history: Sequence[EpochRecord]
    facts: WorkerFacts | Nothing
    result: RunResult | Nothing
    config: RunConfig | None
    data: Data | None
    judgement: Judgement | None = None
    optimism: Optimism | None = None
    test: LookedAtNumbers | None = None
    looks: VaultLooks | None = None
    diagnoses: Sequence[Diagnosis] = ()
    version_note: str | None = None
    flattered: tuple[str, ...] = ()
    prepared: Sequence[PreparedFile] = field(default=())
    study: str | None = None
    is_imported: bool = False
    made_at: str = ""

    @property
    def report(self) -> Evaluation | None:
        """What was measured of the kept model at the end of the training."""
        return self.result.get("report")

    @property
    def model_epoch(self) -> int | None:
        """0-based epoch whose weights the model has; an earlier version kept the best one."""
        if self.judgement is not None and self.judgement["model_epoch"] is not None:
            return self.judgement["model_epoch"]
        known = self.result.get("model_epoch")
        return self.run.best_epoch if known is None else known

    @property
    def classes(self) -> list[str]:
        """Names in the order of the labels, as far as they are known."""
        if self.data is not None:
            return list(self.data.dataset.classes)
        return [row["class"] for row in self.report["per_class"]] if self.report else []
