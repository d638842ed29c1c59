"""Judged pictures: what each is, what it is taken for, and large with the likeliest classes."""
