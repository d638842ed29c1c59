"""How a model is used from other languages than Python, as `USAGE.md` of a download says it.

words.py  how an image is prepared, and what every program begins with
Others    what runs a format, one a file
"""
