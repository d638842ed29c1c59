"""LiteRT (once TensorFlow Lite) in float32: for phones, small computers and lean servers."""

from cnnlab.exports.agreement import Limits
from cnnlab.exports.formats._litert import Rounding, litert_format

FORMAT = litert_format(
    name="litert",
    title="LiteRT",
    purpose="Phones, small computers and lean servers, by LiteRT (TensorFlow Lite).",
    # The same float32 numbers summed in another order: measured 7e-7 to 3e-6 (three networks, each
    # trained on sign digits and on clothes).
    limits=Limits(max_abs_difference=1e-4, top1_agreement=0.98),
    rounding=Rounding(),
)
