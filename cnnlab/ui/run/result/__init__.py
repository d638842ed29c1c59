"""What a run gave, on its page: how good it is and where it errs, what to take along or try."""
