"""Models: all that were trained, and what each can be taken along as."""

from cnnlab.ui.models.page import render_models

render_models()
