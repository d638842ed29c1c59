"""The switch to another arithmetic of the CPU, where that was measured to be faster."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.ui.form.switch import render_switch

_HELP = (
    "Products are rounded to 8 significant bits; weights and sums stay float32. Results differ a "
    "little from those in float32: compare runs of the same precision. How much "
    "faster, 'Check before training' has measured on this machine with this network. What it "
    "does to accuracy tells a study: an arm of your own that changes Precision alone, 5 seeds."
)


def render_precision_switch(config: RunConfig) -> None:
    """Switch between float32 and a precision that was measured faster; nothing without one."""
    faster = lab.faster_precision(config)
    if faster is None:
        return
    is_on = config.training.precision == faster.name
    render_switch(
        f"Faster arithmetic (bfloat16, {faster.times:.2g}× as fast)",
        key="fast_bfloat16",
        icon=":material/bolt:",
        is_on=is_on,
        help=_HELP,
        on_click=_set,
        args=("float32" if is_on else faster.name,),
    )


def _set(precision: str) -> None:
    st.session_state["precision"] = precision
