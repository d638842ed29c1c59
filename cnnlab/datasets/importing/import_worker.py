"""What the processes of an import run: packing, looking at deep images, finding copies.

Started as `python -m cnnlab.datasets.importing.import_worker`; kept small, for its start is part of
every import.
"""

from cnnlab.datasets.importing.candidates import find_candidates
from cnnlab.datasets.importing.looking import look_at_images
from cnnlab.datasets.importing.packing import pack_images
from cnnlab.datasets.importing.processes import serve

if __name__ == "__main__":
    serve(pack_images, look_at_images, find_candidates)
