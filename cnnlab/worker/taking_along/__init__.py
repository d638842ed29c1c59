"""What a worker prepares to be taken along: formats, programs, pages, bundles."""
