"""What is said of a judged model: sentences, plain text."""
