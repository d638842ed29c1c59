"""The phases of a run as Python: a table of them, and what is done where one begins."""

from cnnlab.domain.course.phases import spans_of, trained_layers
from cnnlab.domain.network.planner import plan_network
from cnnlab.exports.code.lines import INDENT, named, number
from cnnlab.exports.code.optimizer import compile_lines
from cnnlab.exports.code.recipe import Recipe


def has_phases(recipe: Recipe) -> bool:
    """Whether a run has any."""
    return bool(recipe.config.architecture.phases)


def phases_section(recipe: Recipe) -> list[str]:
    """The constant `PHASES`, and the names of the layers that train in each."""
    if not has_phases(recipe):
        return []
    config = recipe.config
    shape = (config.image.size, config.image.size, recipe.channels)
    plan = plan_network(config, shape, len(recipe.class_names))
    lines: list[str] = []
    rows = []
    for span in spans_of(config):
        trained = trained_layers(plan, config, [span])
        names = [layer.name for layer in plan.layers if layer.name in trained]
        lines += named(f"TRAINED_{span.number + 1} = ", names)
        told = f"{number(span.learning_rate)}, {span.epochs}, TRAINED_{span.number + 1}.split()"
        rows.append(f"{INDENT}{span.first_epoch}: ({told}),")
    head = "PHASES = {  # by its first epoch: learning rate, epochs, the layers that train"
    return [*lines, head, *rows, "}"]


def beginning(recipe: Recipe) -> list[str]:
    """Lines of the loop over epochs: a phase begins with a fresh optimizer and other layers."""
    if not has_phases(recipe):
        return []
    config, margin = recipe.config, INDENT * 3
    lines = [
        f"{INDENT * 2}if epoch in PHASES:",
        f"{margin}start, (rate, length, trained) = epoch, PHASES[epoch]",
    ]
    if config.optimizer.ema_momentum is not None:  # it goes on with what was measured
        lines += [
            f"{margin}for weight, value in zip(model.trainable_variables, average or []):",
            f"{margin}{INDENT}weight.assign(value)",
            f"{margin}average = None",
        ]
    lines += [
        f"{margin}for layer in model.layers:",
        f"{margin}{INDENT}layer.trainable = layer.name in trained",
        *compile_lines(config, rate="rate", depth=3),
    ]
    if config.regularization.early_stopping is not None:
        lines.append(f"{margin}watched, waited = -np.inf, 0")
    return lines
