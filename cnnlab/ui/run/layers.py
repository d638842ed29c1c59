"""The layers of a network as a table."""

from collections.abc import Sequence

from cnnlab.domain.records.training import LayerRow
from cnnlab.ui.components.table.table import render_table


def render_layers(layers: Sequence[LayerRow], *, key: str) -> None:
    """Each layer with its output and its parameters.

    Args:
        layers: from the input on.
        key: of the table.
    """
    rows = [
        {
            "Layer": layer["name"],
            "Kind": layer["kind"],
            "Output": " × ".join(map(str, layer["output_shape"])),
            "Parameters": layer["parameters"],
        }
        for layer in layers
    ]
    render_table(rows, key=key, name="Layers")
