"""What people call the layers of a network: the blocks that the Train page draws."""

from collections import Counter

from cnnlab.domain.config.presets import entries_of
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.layer_kinds import LAYER_KINDS
from cnnlab.domain.network.planner import plan_network


def block_titles(config: RunConfig) -> dict[str, str]:
    """The block of each layer that belongs to one, by the layer's name: `1. Convolution`.

    Layers of one sort in the same block are numbered. Empty where this version can't plan them.
    """
    try:
        plan = plan_network(config, config.image.shape, classes=2)
    except ConfigError:
        return {}
    blocks = entries_of(config.architecture, min(config.image.shape[:2]))
    sorts = Counter((layer.block, layer.keras_class) for layer in plan.layers)
    seen: Counter[tuple[int, str]] = Counter()
    titles = {}
    for layer in plan.layers:
        if layer.block is None:
            continue
        sort = (layer.block, layer.keras_class)
        seen[sort] += 1
        title = f"{layer.block + 1}. {LAYER_KINDS[blocks[layer.block].kind].name}"
        what = "activation" if layer.keras_class == "Activation" else "layer"
        titles[layer.name] = f"{title}, {what} {seen[sort]}" if sorts[sort] > 1 else title
    return titles
