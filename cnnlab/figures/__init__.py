"""Figures as Plotly's JSON: pure functions of plain data."""
