import json

import pytest

from cnnlab.domain.config.run_config import RunConfig, change_config, describe_changes, load_config
from cnnlab.domain.config.schedule import learning_rate_at
from cnnlab.domain.course.phases import planned_rate, span_at, spans_of, trained_layers
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.planner import plan_network

TWO = [
    {"epochs": 3, "trainable_blocks": 0},
    {"epochs": 4, "trainable_blocks": 2, "learning_rate": 1e-4},
]


def config_of(phases=TWO, **parts):
    return load_config({"architecture": {"phases": phases}, **parts})


@pytest.mark.parametrize("training", [{}, {"epochs": 50}, {"seed": 3}])
def test_the_run_is_as_long_as_its_phases(training):
    config = config_of(training=training)
    assert config.training.epochs == 7
    assert load_config(json.loads(config.model_dump_json())) == config
    assert RunConfig(**dict(config)) == config
    assert config_of([{"epochs": "3"}, {}]).training.epochs == 8
    changed = change_config(config.model_dump(mode="json"), ['architecture.phases=[{"epochs": 2}]'])
    assert load_config(changed).training.epochs == 2
    assert "2 phases" in describe_changes(config)
    assert "1 phase" in describe_changes(config_of([{"epochs": 3}]))


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([], "architecture.phases needs 1 to 10 phases, or null for none. Received: 0"),
        ([{}] * 11, "architecture.phases needs 1 to 10 phases"),
        ([{"epochs": 0}], "epochs must be a whole number from 1 to 10,000. Received: 0"),
        ([{"epochs": "3"}, {"epochs": "x"}], "epochs .*Received: 'x'"),
        ([{"trainable_blocks": -1}], "trainable_blocks must be a whole number from 0 to 1,000"),
        ([{"learning_rate": 0}], "learning_rate must be a number above 0"),
        ([{"layers": 1}], "phases.0.layers is not a field"),
        ("head", "architecture.phases"),
        ([{"epochs": 9000}, {"epochs": 9000}], "can have 10,000 epochs in all. They have 18,000"),
    ],
)
def test_what_is_no_list_of_phases_is_named(phases, message):
    with pytest.raises(ConfigError, match=message):
        config_of(phases)


def test_spans_follow_each_other():
    first, second = spans_of(config_of())
    assert (first.first_epoch, first.end_epoch, first.learning_rate) == (0, 3, 0.001)
    assert (second.first_epoch, second.end_epoch, second.learning_rate) == (3, 7, 1e-4)
    assert second.words == "Phase 2: last 2 blocks, learning rate 0.0001"
    assert [span_at((first, second), epoch).number for epoch in (0, 2, 3, 6, 7)] == [0, 0, 1, 1, 1]
    (only,) = spans_of(load_config({"training": {"epochs": 5}}))
    assert (only.epochs, only.trainable_blocks) == (5, None)


@pytest.mark.parametrize(
    ("count", "trained"),
    [
        (0, {"probabilities"}),
        (1, {"dense", "probabilities"}),
        (2, {"block3_conv", "dense", "probabilities"}),
        (99, {"block1_conv", "block2_conv", "block3_conv", "dense", "probabilities"}),
        (None, {"block1_conv", "block2_conv", "block3_conv", "dense", "probabilities"}),
    ],
)
def test_blocks_are_counted_from_the_end(count, trained):
    config = config_of([{"trainable_blocks": count}])
    plan = plan_network(config, (48, 48, 3), 4)
    assert trained_layers(plan, config, spans_of(config)) == trained


def test_the_schedule_runs_over_the_epochs_of_a_phase():
    config = config_of(optimizer={"schedule": "cosine"})
    rates = [planned_rate(config, step, steps_per_epoch=10) for step in range(70)]
    half = config.optimizer.model_copy(update={"learning_rate": 1e-4})
    assert rates[:30] == [
        learning_rate_at(config.optimizer, step, steps_per_epoch=10, epochs=3) for step in range(30)
    ]
    assert rates[30:] == [
        learning_rate_at(half, step, steps_per_epoch=10, epochs=4) for step in range(40)
    ]


def test_a_plateau_before_a_phase_is_none_of_it():
    config = config_of(optimizer={"schedule": {"name": "reduce_on_plateau", "patience_epochs": 1}})
    flat = [1.0] * 4
    assert planned_rate(config, 2, steps_per_epoch=1, val_cross_entropies=flat[:2]) == 0.0005
    assert planned_rate(config, 3, steps_per_epoch=1, val_cross_entropies=flat[:3]) == 1e-4
