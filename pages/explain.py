"""Explain: what lies inside a run's net, through its epochs and layer by layer."""

from cnnlab.ui.inside.page import render_inside

render_inside()
