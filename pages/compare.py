"""Compare: 2 to 8 runs side by side."""

from cnnlab.ui.compare.page import render_compare

render_compare()
