"""The switch to the faster arithmetic of the CPU, on machines whose CPU has it."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config import RunConfig

_SWITCH = "fast_bfloat16"
_HELP = (
    "This CPU multiplies bfloat16 by itself (AMX), so training can take about half the time. "
    "Products are rounded to 8 significant bits, while weights and sums stay float32: results "
    "differ a little from those in float32, so compare runs of the same precision. "
    "'Check before training' measures what it gains."
)


def render_precision_switch(config: RunConfig) -> None:
    """Switch between float32 and mixed_bfloat16 where that is faster; nothing elsewhere."""
    faster = lab.faster_precision(config)
    if faster is None:
        return
    st.session_state[_SWITCH] = config.training.precision == faster
    st.toggle(
        "Faster arithmetic (bfloat16)", key=_SWITCH, help=_HELP, on_change=_set, args=(faster,)
    )


def _set(faster: str) -> None:
    st.session_state["precision"] = faster if st.session_state[_SWITCH] else "float32"
