"""The formats of a model as a table: several are chosen, prepared, cancelled and downloaded."""
