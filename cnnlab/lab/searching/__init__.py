"""The same for searches: designs, launch, view."""
