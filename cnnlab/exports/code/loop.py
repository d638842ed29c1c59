"""Training and measuring as Python: the loop over epochs and steps, and what is told of each."""

from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.exports.code.lines import call, named, number
from cnnlab.exports.code.optimizer import compile_lines
from cnnlab.exports.code.phases import beginning, has_phases, phases_section
from cnnlab.exports.code.recipe import Recipe

_MEASURE = '''def measure(model, images, labels, part):
    """Cross-entropy in nats and accuracy of a part, with everything random off."""
    predicted = model.predict(images, batch_size=128, verbose=0)
    right = predicted[np.arange(len(labels)), labels].astype(float).clip(1e-7, 1 - 1e-7)
    accuracy = np.mean(predicted.argmax(axis=1) == labels)
    return {f"{part}_cross_entropy": -np.log(right).mean(), f"{part}_accuracy": accuracy}'''

_BATCH_NORM = '''def measure_batch_norm(model, images):
    """Batch norm's mean and variance for the weights as they are now (arXiv:2105.07576)."""
    values, sums = {{}}, {{}}
    for first in range({passes}):
        part = images[first::{passes}]
        values[id(model.inputs[0])] = keras.ops.convert_to_tensor(part)
        for layer in model.layers[1:]:
            given = keras.tree.map_structure(lambda one: values[id(one)], layer.input)
            is_norm = isinstance(layer, layers.BatchNormalization) and layer.trainable
            if is_norm:
                axes = list(range(len(given.shape) - 1))
                mean, variance = map(np.float64, keras.ops.moments(given, axes))
                moments = len(part) / len(images) * np.stack([mean, variance + mean**2])
                sums[layer] = sums.get(layer, 0) + moments
            values[id(layer.output)] = layer(given, training=is_norm)
    for layer, (mean, square) in sums.items():
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(np.maximum(square - mean**2, 0))'''


_BALANCED = '''def balanced_order(labels, rng):
    """As many images as there are, every class equally often, its images in turn."""
    present = rng.permutation(np.unique(labels))
    each, left = divmod(len(labels), len(present))
    drawn, places = [], []
    for number, label in enumerate(present):
        count, images = each + (number < left), np.flatnonzero(labels == label)
        shuffled = [rng.permutation(images) for _ in range(-(-count // len(images)))]
        drawn.append(np.concatenate(shuffled)[:count])
        places.append(np.arange(count) + rng.random(count))  # round by round one of each class
    return np.concatenate(drawn)[np.argsort(np.concatenate(places))]'''


def loop_section(recipe: Recipe) -> list[list[str]]:
    """The functions `measure`, `begin` and `train`, and those that the run needs beside them."""
    norm = _BATCH_NORM.format(passes=recipe.statistics_passes).splitlines()
    return [
        _MEASURE.splitlines(),
        norm if recipe.statistics_passes else [],
        _BALANCED.splitlines() if recipe.config.training.sampling == "balanced" else [],
        named("FROZEN = ", recipe.frozen) if recipe.frozen else [],
        phases_section(recipe),
        _begin(recipe),
        _train(recipe),
    ]


def _train(recipe: Recipe) -> list[str]:
    config = recipe.config
    balanced = config.training.class_weights == "balanced"
    return [
        "def train(folder, epochs=EPOCHS):",
        '    """Train as the run did; return the model, and what was measured after each epoch."""',
        '    rows, images, labels = load(folder, "train")',
        '    _, val_images, val_labels = load(folder, "validation")',
        '    clean = np.array([row["clean"] == "1" for row in rows])',
        *(_STATISTICS if recipe.statistics_passes else []),
        "    one_hot = np.eye(len(CLASSES), dtype=np.float32)[labels]",
        *(_WEIGHTS if balanced else []),
        "    rng, steps = np.random.default_rng(SEED), -(-len(images) // BATCH)",
        "    model, orders = begin()",
        *([] if has_phases(recipe) else compile_lines(config)),
        *_before(recipe),
        "    for epoch in range(epochs):",
        *beginning(recipe),
        *_epoch(recipe),
        *_after(recipe),
        *_end(recipe),
    ]


_STATISTICS = ['    sample = images[[row["statistics"] == "1" for row in rows]]']

_WEIGHTS = [
    "    counts = np.bincount(labels, minlength=len(CLASSES))",
    "    class_weights = len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))",
]


def _begin(recipe: Recipe) -> list[str]:
    freeze = ["    for name in FROZEN.split():", "        model.get_layer(name).trainable = False"]
    return [
        "def begin():",
        '    """The network with the run\'s initial weights, and the order of its images."""',
        "    keras.utils.set_random_seed(SEED)",
        "    model = build_model()",
        *(freeze if recipe.frozen else []),
        "    if SEED != RUN_SEED:",
        "        return model, []",
        '    start = np.load(HERE / "init.npz")',
        "    assert {weight.path for weight in model.weights} == set(start.files)",
        "    for weight in model.weights:",
        "        weight.assign(start[weight.path])",
        '    return model, np.load(HERE / "order.npz")["order"]',
    ]


def _before(recipe: Recipe) -> list[str]:
    lines = ["    history, best, kept = [], (-1, 0), None"]
    if recipe.config.optimizer.ema_momentum is not None:
        lines.append("    average = None")
    if recipe.config.regularization.early_stopping is not None:
        lines.append("    watched, waited = -np.inf, 0")
    return lines


def _epoch(recipe: Recipe) -> list[str]:
    config = recipe.config
    schedule, weighted = config.optimizer.schedule, config.training.class_weights == "balanced"
    told = ["batch", "targets", *(["targets @ class_weights"] if weighted else [])]
    is_natural = config.training.sampling == "natural"
    fresh = "rng.permutation(len(images))" if is_natural else "balanced_order(labels, rng)"
    lines = [
        f"        order = orders[epoch] if epoch < len(orders) else {fresh}",
        "        seen = 0",
        "        for step in range(steps):",
        "            chosen = order[step * BATCH : (step + 1) * BATCH]",
        "            batch, targets = images[chosen], one_hot[chosen]",
    ]
    if config.augmentation.is_on:
        lines.append("            batch, targets = augment(batch.astype(np.float32), targets, rng)")
    if schedule is not None:
        in_phases = has_phases(recipe)
        given = [f"{_since(config)} * steps + step", "steps"]
        given += ["rate", "length"] if in_phases else []
        if schedule.name == "reduce_on_plateau":
            records = "history[start:]" if in_phases else "history"
            given.append(f'[row["val_cross_entropy"] for row in {records}]')
        lines += call("optimizer.learning_rate = learning_rate(", given, depth=3)
    if weighted:  # else it fits a line
        lines.append(f"            logs = model.train_on_batch({', '.join(told)})")
    logs = "logs" if weighted else f"model.train_on_batch({', '.join(told)})"
    lines.append(f"            seen += len(chosen) / len(order) * np.array({logs})")
    return lines + averaging_lines(config)


def _since(config: RunConfig) -> str:
    """Source of the epochs since the optimizer began."""
    return "(epoch - start)" if config.architecture.phases else "epoch"


def averaging_lines(config: RunConfig) -> list[str]:
    """Lines that keep the average of the weights after each step, as Keras' optimizers do."""
    momentum, batches = config.optimizer.ema_momentum, config.optimizer.gradient_accumulation_steps
    if momentum is None:
        return []
    mixed = f"old + {number(round(1 - momentum, 12))} * (new - old)"
    lines = ["            now = [weight.numpy() for weight in model.trainable_variables]"]
    if batches > 1:
        lines += [
            f"            if {_since(config)} * steps + step < {batches}:  # before update 2",
            "                average = None",
        ]
    return [*lines, f"            average = [{mixed} for old, new in zip(average or now, now)]"]


def _after(recipe: Recipe) -> list[str]:
    averaged = recipe.config.optimizer.ema_momentum is not None
    early = recipe.config.regularization.early_stopping
    lines = _assign("average") if averaged else []
    if recipe.statistics_passes:
        lines.append("        measure_batch_norm(model, sample)")
    lines += [
        '        row = dict(zip(["loss", "accuracy", "cross_entropy"], seen.tolist()))',
        '        row |= measure(model, images[clean], labels[clean], "clean")',
        '        row |= measure(model, val_images, val_labels, "val")',
        "        history.append(row)",
        '        print(epoch + 1, *(f"{name} {told:.4g}" for name, told in row.items()), sep="  ")',
    ]
    if early is None or early.restore_best:
        lines += [
            '        merit = (row["val_accuracy"], -row["val_cross_entropy"])',
            "        if merit > best:",
            "            best, kept = merit, model.get_weights()",
        ]
    else:
        lines.append("        kept = model.get_weights()")
    lines += _assign("now") if averaged else []
    return lines + (_stopping(early, has_phases(recipe)) if early is not None else [])


def _stopping(early: EarlyStopping, in_phases: bool) -> list[str]:
    sign = "" if early.monitor == "val_accuracy" else "-"
    above = f"watched + {number(early.min_delta)}" if early.min_delta else "watched"
    last = " and start == max(PHASES)" if in_phases else ""
    return [
        f'        value = {sign}row["{early.monitor}"]',
        f"        watched, waited = (value, 0) if value > {above} else (watched, waited + 1)",
        f"        if waited >= {early.patience_epochs}{last}:",
        "            break",
    ]


def _assign(values: str) -> list[str]:
    return [
        f"        for weight, value in zip(model.trainable_variables, {values}):",
        "            weight.assign(value)",
    ]


def _end(recipe: Recipe) -> list[str]:
    early = recipe.config.regularization.early_stopping
    which = "best" if early is None or early.restore_best else "last"
    return [
        f"    model.set_weights(kept)  # those of the {which} epoch",
        "    return model, history",
    ]
