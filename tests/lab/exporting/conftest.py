"""Bundles of a study, made once."""

import pytest

from cnnlab import lab
from tests.conftest import draw_zip
from tests.made_bundles import (
    bundled,
    study_with_predictions,
)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A bundle with its images, one without, and what is told of the study where it was made."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CNNLAB_HOME", str(folder / "home"))
        dataset = lab.import_dataset(draw_zip(folder / "shades.zip"), name="Shades")
        levels = {"baseline": 0.6, "augmentation": 0.9}
        study = study_with_predictions(dataset, levels, name="<b>Which</b> one?")
        whole = bundled(study.id, patched, folder, with_images=True)
        slim = bundled(study.id, patched, folder)
        run = bundled(lab.study_runs(study.id)[0].id, patched, folder, with_images=True)
        told = lab.arm_summaries(lab.view_study(study.id))
        told_run = lab.study_runs(study.id)[0].id
    return {
        "images": whole,
        "slim": slim,
        "run": run,
        "told": told,
        "study": study,
        "told_run": told_run,
    }
