"""Widgets, charts and the live view; the only importer of Streamlit besides the pages."""
