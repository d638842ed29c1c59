"""What a worker measures of the solutions of a study: units removed, the loss around them."""
