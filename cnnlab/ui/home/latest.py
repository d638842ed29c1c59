"""What its user did last, as cards: studies with verdicts, runs with curves, datasets."""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean

import streamlit as st
from PIL.Image import Image

from cnnlab import lab
from cnnlab.domain.arms import same_size
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.run import Run
from cnnlab.domain.study import Kind, Study
from cnnlab.domain.words import UNKNOWN, counted, percent
from cnnlab.figures.palette import VALIDATION
from cnnlab.figures.study import arm_styles
from cnnlab.lab.access.acting import here
from cnnlab.ui.page_files import page_file
from cnnlab.ui.runs_table.cells import STATUS_ICONS
from cnnlab.ui.study.swatches import swatch_image
from cnnlab.ui.text import escaped, moment

_REFRESH_SECONDS = 2.0
_STUDIES, _RUNS, _DATASETS = 2, 4, 2
_COLUMNS = 4
_TILE_PX = 66
_TILES = 6
_WIDTH, _HEIGHT = 200, 44
_MOST_ARMS, _LONGEST_NAME = 6, 30


def render_latest() -> None:
    """The newest of each on cards, refreshed while anything trains; nothing where nothing is."""
    active = lab.list_runs(active=True, limit=1)
    st.fragment(_render_cards, run_every=_REFRESH_SECONDS if active else None)()


def _render_cards() -> None:
    runs = lab.list_runs(alone=True, limit=_RUNS)
    datasets = lab.list_datasets()
    names = {dataset.id: dataset.name for dataset in datasets}
    cards: list[Callable[[], None]] = [
        *(
            partial(_render_study, one, names.get(one.dataset))
            for one in lab.list_studies()[:_STUDIES]
        ),
        *(partial(_render_run, one) for one in runs),
        *(partial(_render_dataset, one) for one in datasets[:_DATASETS]),
    ]
    if not cards:
        return
    st.header("Where you left off", anchor=False)
    for begin in range(0, len(cards), _COLUMNS):
        row = cards[begin : begin + _COLUMNS]
        for place, (column, render) in enumerate(zip(st.columns(_COLUMNS), row, strict=False)):
            with column, st.container(border=True, height="stretch", key=f"latest_{begin + place}"):
                render()


def _render_study(study: Study, dataset: str | None) -> None:
    """A study with its outcome; two of the same arms are told apart by their dataset."""
    runs = lab.study_runs(study.id)
    st.page_link(page_file("study"), label=f"**{escaped(study.name)}**",
                 icon=":material/science:", query_params={"study": study.id})  # fmt: skip
    ended = sum(run.status.is_ended for run in runs)
    outcome = lab.study_outcome(study, runs)
    said = outcome or f"{ended} of {counted(len(study.pairs), 'run')} have ended"
    if curves := _mean_curves(study, runs):
        st.image(_svg(curves), width="stretch", alt="Validation accuracy of each arm")
    st.markdown(escaped(said[0].upper() + said[1:], limit=160))
    if curves:
        st.caption(f"Validation accuracy: {_legend(study)}", unsafe_allow_html=True)
    told = [escaped(dataset)] if dataset else []
    told.append(f"{counted(len(study.arms), 'arm')} × {counted(len(study.seeds), 'seed')}")
    st.caption(", ".join([*told, _on_one_line(study.created_at)]))


def _legend(study: Study) -> str:
    """Which curve is whose, in Markdown with HTML; of sizes the largest, the others are paler."""
    styles = arm_styles(study)
    shown = [*styles][:_MOST_ARMS]
    if study.kind is Kind.WORTH:
        changed, plain_one = next(iter(same_size(study.arms).items()))
        shown = [plain_one, changed]
    words = ", ".join(
        f'<span style="white-space: nowrap">{swatch_image(styles[name])} '
        f"{escaped(name, limit=_LONGEST_NAME)}</span>"
        for name in shown
    )
    return f"{words}; paler: fewer images" if study.kind is Kind.WORTH else words


def _render_run(run: Run) -> None:
    st.page_link(page_file("runs"), label=f"**{escaped(run.name, limit=80)}**",
                 icon=":material/monitoring:", query_params={"run": run.id})  # fmt: skip
    st.image(sparkline(run.sparkline), width="stretch", alt=_told(run.sparkline))
    if run.sparkline:
        st.caption(_scale_words(run))
    st.caption(f"{STATUS_ICONS[run.status]}, {_on_one_line(run.created_at)}")


def _render_dataset(dataset: Dataset) -> None:
    st.page_link(page_file("data"), label=f"**{escaped(dataset.name)}**",
                 icon=":material/photo_library:", query_params={"dataset": dataset.id})  # fmt: skip
    tiles = _tiles(here(), dataset.id)
    st.image([image for image, _ in tiles], alt=[name for _, name in tiles], width=_TILE_PX)
    st.caption(f"{dataset.images:,} images, {counted(len(dataset.classes), 'class', 'classes')}")


@st.cache_data(max_entries=32, show_spinner=False)
def _tiles(workspace: str, dataset: str) -> list[tuple[Image, str]]:
    """An image of each of the first classes with its name; datasets don't change."""
    examples = lab.example_images(dataset, each=1, size_px=2 * _TILE_PX)
    return [(image, name) for name, (image, *_) in list(examples.items())[:_TILES]]


def sparkline(accuracies: Sequence[float]) -> str:
    """Validation accuracy over the epochs as a small SVG, from 0 to 100 %.

    Args:
        accuracies: of the finished epochs, 0..1.
    """
    return _svg([(accuracies, VALIDATION)])


def _mean_curves(study: Study, runs: Sequence[Run]) -> list[tuple[Sequence[float], str]]:
    """Of each arm that has curves the mean over its runs, as far as all have got; with its hue."""
    curves: list[tuple[Sequence[float], str]] = []
    for name, style in list(arm_styles(study).items())[:_MOST_ARMS]:
        of_arm = [run.sparkline for run in runs if run.arm == name and run.sparkline]
        means = [fmean(values) for values in zip(*of_arm, strict=False)]
        if means:
            curves.append((means, style.color))
    return curves


def _svg(curves: Sequence[tuple[Sequence[float], str]]) -> str:
    """Values of 0..1 over the epochs, each with its colour; the longest is as wide as the card."""
    step = _WIDTH / max(1, *(len(values) - 1 for values, _ in curves))
    lines = []
    for values, color in curves:
        places = enumerate(values)
        points = " ".join(f"{at * step:.1f},{_HEIGHT * (1 - value):.1f}" for at, value in places)
        lines.append(
            f'<polyline fill="none" stroke="{color}" stroke-width="2" '
            f'stroke-dasharray="6 3" points="{points}"/>'
        )
    box = f"-2 -2 {_WIDTH + 4} {_HEIGHT + 4}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{"".join(lines)}</svg>'


def _scale_words(run: Run) -> str:
    """What a curve without an axis goes from and to, and its best, as Runs and Models have it."""
    first, last = (percent(value) for value in (run.sparkline[0], run.sparkline[-1]))
    best = percent(run.best.get("val_accuracy"))
    at_best = "" if best in (UNKNOWN, last) else f", at best {best}"
    return f"Validation accuracy {first} to {last}{at_best}"


def _on_one_line(iso: str) -> str:
    """A moment whose date isn't broken at the end of a line."""
    return moment(iso).replace("-", "\N{NON-BREAKING HYPHEN}").replace(" ", "\N{NO-BREAK SPACE}")


def _told(accuracies: Sequence[float]) -> str:
    ends = [percent(value) for value in (*accuracies[:1], *accuracies[-1:])]
    return f"Validation accuracy, from {' to '.join(ends)}" if ends else "No epoch has ended yet"
