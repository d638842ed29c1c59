"""What chance may have done: intervals, tests, guards, several looks, what a plan would find."""
