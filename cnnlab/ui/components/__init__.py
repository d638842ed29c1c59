"""Our own browser components (Streamlit components v2)."""
