"""`replay.py` of an evidence bundle: every number of its report is computed again from its files.

A bundle gets these modules as they are here, below `check/`, with those of the program that judge,
below `rules/`: `shipped` says which. They need numpy and scipy, and nothing of cnnlab beside that.
"""
