"""How a study is shown: its figures and its report, as plain data and text; no framework."""
