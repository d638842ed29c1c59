"""The Compare page: 2 to 8 runs side by side, what they differ in and what only one gets right."""
