"""What a study answers, drawn beside its curves: differences, doses, claims, its solutions."""
