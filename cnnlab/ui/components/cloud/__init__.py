"""Images as points of a plane: pointed at to see them, selected by a lasso."""
