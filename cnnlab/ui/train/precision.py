"""The switch to the faster arithmetic of the CPU, on machines whose CPU has it."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig

_HELP = (
    "This CPU multiplies bfloat16 by itself (AMX), so training takes half to three quarters of the "
    "time. Products are rounded to 8 significant bits, while weights and sums stay float32: "
    "results differ a little from those in float32, so compare runs of the same precision. "
    "'Check before training' measures what it gains."
)


def render_precision_switch(config: RunConfig) -> None:
    """Switch between float32 and mixed_bfloat16 where that is faster; nothing elsewhere.

    A button, which holds no state that could disagree with the field while both are on their way
    to the server.
    """
    faster = lab.faster_precision(config)
    if faster is None:
        return
    is_on = config.training.precision == faster
    st.button(
        f"Faster arithmetic (bfloat16): {'on' if is_on else 'off'}",
        key="fast_bfloat16",
        icon=":material/toggle_on:" if is_on else ":material/toggle_off:",
        type="tertiary",
        help=_HELP,
        on_click=_set,
        args=("float32" if is_on else faster,),
    )


def _set(precision: str) -> None:
    st.session_state["precision"] = precision
