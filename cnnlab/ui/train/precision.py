"""The switch to another arithmetic of the CPU, where that was measured to be faster."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig

_HELP = (
    "Products are rounded to 8 significant bits, while weights and sums stay float32: results "
    "differ a little from those in float32, so compare runs of the same precision. How much "
    "faster, 'Check before training' has measured on this machine with this network. What it "
    "does to accuracy tells a study: an arm of your own that changes Precision alone, 5 seeds."
)


def render_precision_switch(config: RunConfig) -> None:
    """Switch between float32 and a precision that was measured faster; nothing without one.

    A button, which holds no state that could disagree with the field while both are on their way
    to the server.
    """
    faster = lab.faster_precision(config)
    if faster is None:
        return
    is_on = config.training.precision == faster.name
    st.button(
        f"Faster arithmetic (bfloat16, {faster.times:.2g}× as fast): {'on' if is_on else 'off'}",
        key="fast_bfloat16",
        icon=":material/toggle_on:" if is_on else ":material/toggle_off:",
        type="tertiary",
        help=_HELP,
        on_click=_set,
        args=("float32" if is_on else faster.name,),
    )


def _set(precision: str) -> None:
    st.session_state["precision"] = precision
