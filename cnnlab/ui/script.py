"""What Streamlit runs for every visit and every click."""

from cnnlab.ui.navigation import show_page

show_page()
