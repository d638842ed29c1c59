"""Our own browser components (Streamlit components v2), one folder each.

A folder holds what belongs together: the Python that a page calls, and the module (`.mjs`), markup,
style and test that it has in the browser. What several need lies in `shared`.
"""
