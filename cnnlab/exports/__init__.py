"""What is taken along of a run: one file each under `formats/`.

format.py        what a format is: its facts
model_format.py  a format that holds a model: how it is written, what lies beside it
table.py         the formats that there are; a new file under `formats/` is a new format
fresh_python.py  a Python of its own, without cnnlab: what users have
alone.py         a download in one: what it says, how fast
agreement.py     whether that is what the model says
snippet.py       the usage example that goes with a model file
packages.py      packages that a format needs beyond the app's own

Nothing here loads Keras, TensorFlow or a runtime until a model is saved: pages, routes and
commands list the formats too.
"""
