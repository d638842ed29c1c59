"""The numbers at the top of the page, in words."""

from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.words import percent
from cnnlab.study.chance.optimism import Optimism
from tests.made_judgements import made_judgement, made_predictions
from tests.ui.apps import tables, words
from tests.ui.judge.pages import open_section


def test_the_cards_tell_value_and_interval():
    app, judged = open_section("headline", "render_headline"), made_judgement()
    cards = {metric.label: metric for metric in app.metric}
    assert list(cards) == ["Accuracy", "Balanced accuracy", "Macro F1", "Cross-entropy"]
    found = judged["measures"]["accuracy"]
    assert cards["Accuracy"].value == percent(found["value"])
    assert cards["Accuracy"].delta == f"95 %: {100 * found['low']:.1f} to {percent(found['high'])}"
    assert float(cards["Cross-entropy"].value.removesuffix(" nats")) == pytest.approx(
        judged["measures"]["cross_entropy"]["value"], abs=5e-4
    )
    assert "The model of epoch 5 on the 300 validation images" in words(app)
    assert "Always answering the most common class gives 10.0\u00a0%." in words(app)


def test_every_measure_has_its_row():
    app, judged = open_section("headline", "render_headline"), made_judgement()
    rows = tables(app)["All measures"]
    assert len(rows) == len(judged["measures"])
    assert "Cohen's kappa" in {row["Measure"] for row in rows}
    assert "–" not in {row["95 % interval"] for row in rows}


@pytest.mark.parametrize(
    ("skill", "images", "told"),
    [(0.0, 40, "no better"), (0.6, 40, "lies within the interval"), (2.5, 300, "")],
)
def test_what_is_no_better_than_chance_is_said(skill, images, told):
    app = open_section("headline", "render_headline", skill=skill, images=images, classes=2)
    assert told in "".join(warning.value for warning in app.warning)
    assert bool(app.warning) == bool(told)


def test_training_images_and_missing_classes_are_said():
    app = open_section("headline", "render_headline", split="train", images=9, classes=10)
    assert "It was trained on these" in words(app)
    assert "1 class has no image here, so nothing can be said of it: 'scarf'." in words(app)
    assert "made wrong on purpose" not in words(app)
    assert made_predictions(9, 10).labels.max() == 8


def test_labels_that_were_made_wrong_on_purpose_are_told():
    app = open_section("headline", "render_headline", split="train", flipped=60)
    assert "60 labels of these 300 were made wrong on purpose (label noise)" in (
        words(app).replace("\\", "")
    )


def test_that_these_images_chose_the_epoch_is_said_as_on_the_page_of_the_run(monkeypatch):
    found = Optimism(4, 6, 0.9, expected=0.88, low=0.85, high=0.91, images=300)
    monkeypatch.setattr(lab, "run_optimism", lambda _: found)
    assert "The validation images chose this epoch" in words(
        open_section("headline", "render_headline")
    )
    assert "chose this epoch" not in words(
        open_section("headline", "render_headline", split="train")
    )
    monkeypatch.setattr(lab, "run_optimism", lambda _: replace(found, epoch=3))
    assert "chose this epoch" not in words(open_section("headline", "render_headline"))
