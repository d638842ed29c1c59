"""What whoever runs an installation watches: whether it can work, and how much it does."""
