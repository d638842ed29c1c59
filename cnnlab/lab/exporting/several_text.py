"""What the zip of several formats says of itself: whose model it is, how good, what lies where."""

from collections.abc import Sequence

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run
from cnnlab.domain.words import data_size, percent
from cnnlab.lab.data.datasets import load_dataset
from cnnlab.lab.exporting.overview import ExportRow
from cnnlab.lab.predictions import run_optimism

README = "README.txt"
_MOST_CHARACTERS = 200
_USES = {
    "predict.py": "python {folder}/predict.py PICTURE says what a picture shows; its first lines "
    "name the packages that it needs",
    "train.py": "python {folder}/train.py trains again",
}
"""By the member that is used: how."""


def readme_text(run: Run, rows: Sequence[ExportRow], members: Sequence[Sequence[str]]) -> str:
    """The text of `README.txt`.

    Args:
        run: whose model it is.
        rows: the formats in the zip.
        members: of each, the names of the files in its folder.
    """
    folders = [_about_folder(row, names) for row, names in zip(rows, members, strict=True)]
    return "\n".join(
        [
            "A model of cnnlab, in several formats",
            "",
            f"Run:      {_line(run.name)} ({run.id})",
            f"Dataset:  {_line(_dataset(run))}",
            f"Accuracy: {_accuracy(run)}",
            "",
            "A folder for each format:",
            "",
            *folders,
            "SHA256SUMS has the checksum of every file: sha256sum --check SHA256SUMS",
            "",
        ]
    )


def _about_folder(row: ExportRow, names: Sequence[str]) -> str:
    folder, check = row.format.name, row.state.answer if row.state else None
    use = [words.format(folder=folder) for file, words in _USES.items() if file in names]
    compared = ""
    if check and check["top1_agreement"] is not None and row.format.group in ("model", "page"):
        compared = (
            f"Compared with the model: same class in {percent(check['top1_agreement'])} of "
            f"{check.get('images', 0):,} validation images"
        )
    elif check:
        compared = check.get("verified") or check.get("not_verified", "")
    size = row.download_bytes or (check["bytes"] if check else 0)
    title = row.format.title + (", calibrated" if row.calibrated else "")
    said = [
        f"{folder}/  {title}, {data_size(size)}: {row.format.file}",
        f"  {row.format.purpose} Runs in: {row.format.runtime}.",
        *(f"  {each.rstrip('.')}." for each in [*use, compared] if each),
    ]
    return "\n".join(said) + "\n"


def _dataset(run: Run) -> str:
    try:
        return load_dataset(run.dataset).name
    except CnnlabError:
        return f"{run.dataset}, which isn't there any more"


def _accuracy(run: Run) -> str:
    optimism = run_optimism(run)
    return optimism.words if optimism else percent(run.best.get("val_accuracy"))


def _line(text: str) -> str:
    return " ".join(text.split())[:_MOST_CHARACTERS]
