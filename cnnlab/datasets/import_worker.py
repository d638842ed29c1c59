"""What the processes of an import run: packing, then finding images that look alike.

Started as `python -m cnnlab.datasets.import_worker`; kept small, for its start is part of every
import.
"""

from cnnlab.datasets.candidates import find_candidates
from cnnlab.datasets.packing import pack_images
from cnnlab.datasets.processes import serve

if __name__ == "__main__":
    serve(pack_images, find_candidates)
