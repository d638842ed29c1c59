"""Evidence bundles: written as one file, and brought into a home by whoever was given one."""
