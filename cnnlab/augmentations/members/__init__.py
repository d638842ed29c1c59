"""One file an augmentation; `table` finds its `MEMBER`."""
