"""Which layers of a plan hold the network's units, and whether two plans compute the same."""

from collections.abc import Mapping

from cnnlab.domain.network.plan import Plan, PlannedLayer

_ACTIVATION, _GATING = "Activation", "Multiply"


def unit_layers(plan: Plan) -> list[str]:
    """The layers whose outputs are units: channels or values after an activation.

    The output layer isn't one of them, nor is what weighs channels instead of feeding them on (the
    gates of squeeze and excitation): to remove such a value is to remove the channel once more.

    Returns:
        Names in the plan's order; none where the network has no activation but its output's.
    """
    layers = {layer.name: layer for layer in plan.layers}
    gates: set[str] = set()
    for layer in plan.layers:
        if layer.keras_class == _GATING:
            gates |= _back_to_pooling(layer.inputs[1], layers)
    return [
        layer.name
        for layer in plan.layers
        if layer.keras_class == _ACTIVATION and layer.name not in gates
    ]


def last_unit_layers(plan: Plan) -> list[str]:
    """The unit layers that the output layer and other dense layers read: where dropout acts.

    These are the last channels of the picture, and the values of dense layers behind them. Each
    value that goes to the output goes through the first of them.

    Returns:
        Names in the plan's order, the last of `unit_layers`.
    """
    layers, units = {layer.name: layer for layer in plan.layers}, set(unit_layers(plan))
    found: list[str] = []
    layer = plan.layers[-1]
    while len(layer.inputs) == 1 and layer.inputs[0] in layers:
        layer = layers[layer.inputs[0]]
        if layer.name in units:
            found.insert(0, layer.name)
            if layer.is_image:
                break
    return found


def _back_to_pooling(name: str, layers: Mapping[str, PlannedLayer]) -> set[str]:
    """The layers that make one value a channel of what a pooling over the whole image leaves."""
    found = {name}
    while not layers[name].keras_class.startswith("Global"):
        name = layers[name].inputs[0]
        found.add(name)
    return found


def what_it_computes(plan: Plan) -> str:
    """A text that two plans share where equal weights say the same of every image.

    Layers that draw while training are left out: they do nothing to what a finished model says.
    """
    through = {layer.name: layer.inputs[0] for layer in plan.layers if layer.strength is not None}

    def source(name: str) -> str:
        while name in through:
            name = through[name]
        return name

    parts = [
        (
            layer.name,
            layer.keras_class,
            sorted(layer.arguments.items()),
            [source(name) for name in layer.inputs],
            layer.shape,
        )
        for layer in plan.layers
        if layer.strength is None
    ]
    return repr((plan.input_shape, parts))
