"""What a user notes of a run: tags and a note."""
