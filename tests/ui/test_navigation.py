import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_everything_on_screen_is_loaded_before_the_server_freezes_its_garbage():
    """What a first visit would load would be looked through after every click."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "cnnlab" / "ui").rglob("*.py")
        if path.name != "__init__.py"
    } - {"cnnlab.ui.script"}  # what runs at each visit itself
    program = (
        "import sys; from cnnlab.ui.navigation import load_page_modules; load_page_modules(); "
        f"print(sorted({modules!r} - set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "[]", answer.stderr
