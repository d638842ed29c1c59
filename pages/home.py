"""Home: what this is, and one click to see it work."""

from cnnlab.ui.home.page import render_home

render_home()
