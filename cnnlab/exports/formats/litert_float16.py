"""LiteRT with weights in 16 bits: half the size."""

from typing import Any

from cnnlab.exports.agreement import Limits
from cnnlab.exports.formats._litert import Rounding, litert_format
from cnnlab.exports.model_format import Source


def _options(_: Source) -> dict[str, Any]:
    import tensorflow as tf

    return {
        "optimizations": [tf.lite.Optimize.DEFAULT],
        "target_spec": {"supported_types": [tf.float16]},
    }


FORMAT = litert_format(
    name="litert_float16",
    title="LiteRT float16",
    purpose="LiteRT in half the size; for chips of phones that compute in 16 bits.",
    # Weights have 11 binary digits: measured .0008 to .0025, and the same class always. What is
    # shown of a probability may change in its third digit, not in its second.
    limits=Limits(
        max_abs_difference=0.02, top1_agreement=0.98, instead="Take LiteRT, which rounds nothing."
    ),
    rounding=Rounding(_options),
)
