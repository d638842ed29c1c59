"""What a worker leaves that has explained pictures."""

import numpy as np

from cnnlab.files import read_json, write_json
from cnnlab.jobs.kinds.explain import KIND, explanation_folder
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.storage.attempts.explanation import StoredMaps

LAYER = {"name": "conv", "height": 8, "width": 8, "behind": 2}
CHECK = {"method": "hirescam", "signed": 0.08, "sizes": 0.21, "pictures": 12}


def finish_explanations(run, key, *, check=CHECK):
    """Leave an answer: of each row, a map whose first cell is brightest."""
    files = explanation_folder(newest_attempt(load_run(run)), key)
    request = KIND.read_request(read_json(files.request))
    count = len(request.rows)
    values = np.zeros((count, 2, 2), np.float32)
    values[:, 0, 0], values[:, 1, 1] = 3, -1
    files.write_maps(StoredMaps(values, np.zeros((count, 8, 8, 3), np.uint8)))
    told = {"class": "bright", "method": request.method, "against": 0.25, "miss": None}
    pictures = [
        {**told, "file": f"{row}.png", "row": row, "predicted": "bright", "probability": 0.9}
        for row in request.rows
    ]
    answer = {"pictures": pictures, "refused": [], "check": check, "layer": LAYER, "seconds": 1.0}
    write_json(files.result, {"status": "finished", "answer": answer, "seconds": 1.0})
