"""What a user can do to judge a run's model: evaluations of its parts, the test vault."""
