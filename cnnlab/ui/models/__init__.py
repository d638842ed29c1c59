"""The Models page: all models in one list, and what each can be taken along as."""
