"""The network of a config as a plan: every layer with its shape and what it costs (pure)."""
