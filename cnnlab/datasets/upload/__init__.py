"""What an upload holds: zip, tar or folder, listed and judged before anything is read."""
