"""Reading untrusted uploads, decoding, checking and preparing arrays (Pillow, numpy)."""
