"""The same for what lies inside a net: pictures through the epochs, what a worker finds in it."""
