"""A Plotly figure in the theme of the moment."""
