"""The pages of the app; a file name gives the address."""
