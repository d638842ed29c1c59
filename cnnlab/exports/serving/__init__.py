"""A small server that says what a run's model sees in pictures, over HTTP.

ready.py         which prepared model of a run is served, found by files alone
at_once.py       the command `serve` before the rest of cnnlab is loaded
folder.py        the server as a folder for another machine: these texts, pins, a Dockerfile

The rest runs without cnnlab, by Starlette, uvicorn, numpy, Pillow and a runtime alone: a folder
holds the text of these modules, and of `pixels.py` and `safety.py`, which prepare pictures.

refusals.py      why a request isn't answered as it wished
options.py       what a start may say: port, names, token, limits
described.py     what is known of a model: classes, preparation, threshold
runtimes.py      LiteRT and ONNX Runtime
answering.py     from a picture's bytes to an answer, in threads; who waits, and how many may
reading.py       from a request to pictures
door.py          who may ask: names, pages of other sites, the token; headers of every answer
connections.py   slow ones are closed, too many refused
routes.py        the addresses and their answers
openapi.py       the same described for programs
documentation.py the same described for people
starting.py      the port, the words at the start, the loop

Nothing is kept and nothing of a picture or the token is written anywhere.
"""
