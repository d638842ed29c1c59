"""Formats that a trained model is given away in: one file each under `formats/`.

format.py    what a format is: its facts, and what can be done with one
table.py     the formats that there are; a new file under `formats/` is a new format
alone.py     a model file in a Python of its own, without cnnlab: what it predicts, how fast
snippet.py   the usage example that goes with a model file
packages.py  packages that a format needs beyond the app's own

Nothing here loads Keras, TensorFlow or a runtime until a model is saved: pages, routes and
commands list the formats too.
"""
