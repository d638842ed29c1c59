"""Pictures gathered class by class, on cards."""
