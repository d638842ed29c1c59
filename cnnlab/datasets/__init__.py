"""Reading untrusted uploads: listing, labels, decoding, packing, preparing (Pillow, numpy)."""
