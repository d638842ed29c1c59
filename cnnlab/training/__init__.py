"""Keras: augmentation, model, fit, evaluate, export. The only importer of keras / tensorflow."""

import sys


def _load_keras() -> None:
    """Load Keras as if scikit-learn weren't installed.

    Keras loads it wherever it is, for wrappers that nobody here uses, and with it much of scipy: a
    fifth of the CPU time until Keras is there, at the start of every worker. Whoever imports
    scikit-learn later finds it.
    """
    if "sklearn" in sys.modules or "keras" in sys.modules:
        return
    sys.modules["sklearn"] = None  # type: ignore[assignment]  # to import it is an ImportError now
    try:
        import keras  # noqa: F401, PLC0415
    finally:
        del sys.modules["sklearn"]


_load_keras()
