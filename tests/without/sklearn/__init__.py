"""What processes that tests start find as scikit-learn (tests/conftest.py): it isn't there."""

raise ImportError("only tests have scikit-learn")
