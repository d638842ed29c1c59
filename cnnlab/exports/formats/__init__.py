"""One format a file: its facts, how a model is written, how the file is loaded again.

A file here says `FORMAT = Format(...)` and is found by itself. It imports Keras, TensorFlow and
what else it needs inside its functions only. A file whose name begins with `_` is no format: what
several share.
"""
