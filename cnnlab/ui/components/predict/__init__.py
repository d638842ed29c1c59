"""A model that is tried: pictures given to it, the camera, and what it says."""
