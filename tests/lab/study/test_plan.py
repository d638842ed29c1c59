"""What a study would cost and find; nothing is trained."""

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.study.chance.smallest_effect import Source
from tests.made_runs import no_supervisor
from tests.made_studies import made_study, study_base

BEST = {"baseline": 0.7, "dropout": 0.8}


@pytest.fixture
def base(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return study_base(dataset.id)


def planned(base, **options):
    return lab.compare_arms(base, ready_arms(["dropout"]), seeds=5, **options)


def test_without_earlier_runs_a_usual_range_is_told_and_said_to_be_one(base):
    plan = lab.plan_study(planned(base))
    assert (plan.source, plan.spread, plan.is_known) == (Source.TYPICAL, None, False)
    row = plan.at(5)
    assert row.effect.effect is None and row.effect.low < row.effect.high
    assert plan.words.startswith("Unknown for this dataset")
    nats = lab.plan_study(planned(base, primary="val_cross_entropy"))
    assert nats.at(5).effect is None and nats.at(5).words == "–"


def test_time_grows_with_the_seeds_and_decides_how_many_are_usual(base):
    plan = lab.plan_study(planned(base))
    assert not plan.is_measured
    assert plan.at(10).seconds == pytest.approx(2 * plan.at(5).seconds)
    assert (plan.at(10).runs, plan.usual_seeds) == (20, 5)
    long = load_config(base.model_dump() | {"training": {"epochs": 2000}})
    assert lab.plan_study(planned(long)).usual_seeds == 3


def test_earlier_runs_with_such_settings_tell_the_smallest_effect(base):
    made_study(planned(base), BEST)
    plan = lab.plan_study(planned(base))
    assert (plan.source, plan.spread.df) == (Source.SIMILAR, 4)
    assert "By 5 earlier pairs of runs" in plan.words
    row = plan.at(5)
    assert row.effect.low < row.effect.effect < row.effect.high
    assert plan.at(20).effect.effect < row.effect.effect
    assert lab.list_studies()[0].looks == ()  # to plan is no look at its verdicts


def test_of_a_watched_study_no_smallest_effect_is_told(base):
    made_study(planned(base), BEST)
    plan = lab.plan_study(planned(base, watch=True))
    assert plan.at(5).effect is None and plan.at(5).words == "–"
    assert "watched study" in plan.words


def test_of_claims_about_new_images_no_smallest_effect_is_told_whatever_is_known(base):
    assert lab.plan_study(planned(base, scope="new_images")).at(20).effect is None
    made_study(planned(base), BEST)
    plan = lab.plan_study(planned(base, scope="new_images"))
    assert plan.spread is not None
    assert plan.at(20).effect is None and plan.at(20).words == "–"
    assert "claims about new images" in plan.words and "more seeds alone" in plan.words


def test_runs_with_other_settings_are_a_hint_and_of_another_question_none(base):
    made_study(planned(base), BEST)
    other = load_config(base.model_dump() | {"architecture": {"preset": "tiny_cnn"}})
    plan = lab.plan_study(planned(other))
    assert (plan.source, plan.is_known) == (Source.OTHER, False)
    for options in ({"judged_at": "last"}, {"splits": "each_seed"}):
        assert lab.plan_study(planned(base, **options)).source is Source.TYPICAL


def test_a_pilot_is_a_study_of_two_arms_with_seeds_of_its_own(base):
    study = lab.compare_arms(base, ready_arms(["dropout", "l2"]), seeds=5, splits="each_seed")
    pilot = lab.pilot_of(study)
    assert [arm.name for arm in pilot.arms] == ["baseline", "dropout"]
    assert len(pilot.seeds) == lab.PILOT_SEEDS and not set(pilot.seeds) & set(study.seeds)
    assert (pilot.splits, pilot.name) == ("each_seed", "Pilot: dropout against baseline")
    made_study(pilot, BEST)
    assert lab.plan_study(study).is_known
