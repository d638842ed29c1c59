"""Reading untrusted uploads: listing, labels, decoding, packing, preparing (Pillow, numpy)."""

import os

# Arrow's own memory pool keeps 6 MB of what reading an index took, in a server that stays; it is
# chosen when Arrow is loaded, which only the modules of this room do first.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
