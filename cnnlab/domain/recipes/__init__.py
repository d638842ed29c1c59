"""Configs that are chosen for a dataset: the recipes, the good model, how it is refined."""
