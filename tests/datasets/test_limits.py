"""The limits of uploads are what the README says."""

import re
from pathlib import Path

from cnnlab.datasets import limits

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_every_limit_with_its_default():
    listed = dict(re.findall(r"^\| `CNNLAB_(M[A-Z_]+)` \| (\d+) \|", README, re.MULTILINE))
    known = {name: str(value) for name, value in vars(limits).items() if name.isupper()}
    assert len(known) > 10
    assert listed == known
