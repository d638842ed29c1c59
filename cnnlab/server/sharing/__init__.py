"""Links by which somebody without an account looks at one thing: the only way past the door."""
