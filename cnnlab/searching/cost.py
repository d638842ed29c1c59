"""What a setting's network costs: its parameters, or about the milliseconds that an image takes."""

import functools
import json
from collections.abc import Mapping
from typing import Any

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.time_estimate import seconds_of
from cnnlab.domain.search import Search, SecondObjective

_FORWARD = 1 / 3
"""Of a training step: backwards come the gradients of the inputs and of the weights."""


def cost_of(search: Search, values: Mapping[str, Any], classes: int) -> float | None:
    """The second objective of a setting; None where the search has none.

    Milliseconds are estimated from the layers (`time_estimate`), not measured: trials share the
    machine with others. So they are good to order networks by, not to promise a speed.

    Args:
        search: says which.
        values: by dotted field.
        classes: of its dataset.

    Raises:
        ConfigError: the network can't be built.
    """
    if search.second is None:
        return None
    config = search.config(values, search.seeds[0])
    network = config.model_dump(mode="json", include={"image", "architecture", "regularization"})
    return _cost(search.second, json.dumps(network), classes)


@functools.lru_cache(maxsize=1024)
def _cost(kind: SecondObjective, network: str, classes: int) -> float:
    config = load_config(json.loads(network))
    plan = plan_network(config, config.image.shape, classes)
    if kind == "parameters":
        return plan.parameters
    shapes = {layer.name: layer.shape for layer in plan.layers}
    seconds = (
        seconds_of(layer, [shapes.get(name, plan.input_shape) for name in layer.inputs])
        for layer in plan.layers
        if layer.is_there
    )
    return 1000 * _FORWARD * sum(seconds)
