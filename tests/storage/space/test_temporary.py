"""Temporary files of workers are gone with them, however they end."""

import subprocess
import sys
from pathlib import Path

from cnnlab.storage.home import open_home
from cnnlab.storage.space.leftovers import remove_leftovers

ROOT = Path(__file__).parents[3]
LEAVING = """
import pathlib, time
from cnnlab.storage.home import open_home
from cnnlab.storage.space.temporary import make_temporary_folder
folder = make_temporary_folder(open_home())
(folder / "__autograph_generated_file1.py").write_text("x")
print(folder, flush=True)
time.sleep(600)
"""


def test_what_a_killed_process_left_is_removed_and_that_of_a_living_one_stays(home):
    command = [sys.executable, "-c", LEAVING]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        folder = Path(child.stdout.readline().strip())
        remove_leftovers(open_home(home))
        assert [path.name for path in folder.glob("*.py")] == ["__autograph_generated_file1.py"]
        child.kill()
        child.wait()
    remove_leftovers(open_home(home))
    assert not folder.exists()
