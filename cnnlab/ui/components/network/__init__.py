"""A network drawn as a row of blocks, and edited by mouse, touch and keys."""
