"""What is loaded with Keras, and what isn't."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.exhaustive
def test_keras_is_loaded_without_scikit_learn_which_is_there_afterwards():
    program = (
        "import sys\n"
        "import cnnlab.training\n"
        "print('keras' in sys.modules)\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'sklearn'])\n"
        "import sklearn\n"
        "print(sklearn.__name__)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines() == ["True", "[]", "sklearn"]
