"""What studies of strengths and of sizes were made for: doses, and worth in images."""
