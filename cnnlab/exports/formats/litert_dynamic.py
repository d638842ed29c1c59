"""LiteRT with weights in 8 bits and the rest computed as it comes: a quarter of the size."""

from typing import Any

from cnnlab.exports.agreement import Limits
from cnnlab.exports.formats._litert import Rounding, litert_format
from cnnlab.exports.model_format import Source


def _options(_: Source) -> dict[str, Any]:
    import tensorflow as tf

    return {"optimizations": [tf.lite.Optimize.DEFAULT]}


FORMAT = litert_format(
    name="litert_dynamic",
    title="LiteRT dynamic range",
    purpose="LiteRT in a quarter of the size, faster on CPUs; weights in 8 bits.",
    # Weights have 8 binary digits: measured .02 to .04, another class in up to 1.7 % of the images,
    # most of them wrong before as well. Three times that is another model.
    limits=Limits(
        max_abs_difference=0.15,
        top1_agreement=0.95,
        instead="Take LiteRT float16, which rounds less.",
    ),
    rounding=Rounding(_options),
)
