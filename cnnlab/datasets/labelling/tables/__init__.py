"""Tables of labels: their text, which column holds what, and which of several is believed."""
