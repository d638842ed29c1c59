"""LiteRT in 8 bits throughout: bytes go in, bytes come out."""

from typing import Any

from cnnlab.exports.agreement import Limits
from cnnlab.exports.formats._litert import Rounding, litert_format, representative
from cnnlab.exports.model_format import Source


def _options(source: Source) -> dict[str, Any]:
    import tensorflow as tf

    return {
        "optimizations": [tf.lite.Optimize.DEFAULT],
        "representative_dataset": representative(source),
        "inference_input_type": tf.uint8,
        "inference_output_type": tf.uint8,
        "target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
    }


FORMAT = litert_format(
    name="litert_int8",
    title="LiteRT int8",
    purpose="Microcontrollers and chips that know whole numbers only; bytes in, bytes out.",
    # Everything has 8 binary digits, the answer steps of 1/256: measured .04 to .07 (.13 of another
    # network), another class in up to 2.5 % of the images. Twice that is another model.
    limits=Limits(
        max_abs_difference=0.25,
        top1_agreement=0.95,
        instead="Take LiteRT dynamic range or LiteRT float16, which round less.",
    ),
    rounding=Rounding(_options, takes_bytes=True),
)
