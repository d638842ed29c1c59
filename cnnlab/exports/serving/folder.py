"""The server as a folder for another machine: modules as texts, pinned packages, a Dockerfile."""

import importlib.metadata
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from cnnlab.datasets.pictures import pixels, safety
from cnnlab.exports.serving.options import PORT, TOKEN_VARIABLE
from cnnlab.exports.serving.runtimes import PACKAGES

_HERE = Path(__file__).parent
_MODULES = (
    "answering", "connections", "described", "documentation", "door", "openapi", "options",
    "reading", "refusals", "routes", "runtimes", "starting",
)  # fmt: skip
_PAGES = ("page.html", "page.css", "page.mjs")
_NEEDED = ("starlette", "uvicorn", "python-multipart", "numpy", "pillow")

_SERVE = '''"""Serves the model in this folder over HTTP: python serve.py --help tells how."""

import sys
from pathlib import Path

from serving.starting import main

if __name__ == "__main__":
    sys.exit(main(folder=Path(__file__).resolve().parent))
'''

_DOCKERFILE = f"""FROM python:{{python}}-slim
WORKDIR /server
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=2
USER 65534
EXPOSE {PORT}
HEALTHCHECK CMD ["python", "-c", \\
  "import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/health', timeout=3)"]
# By any name, for nobody here knows what the container will be called: the token keeps others out.
ENTRYPOINT ["python", "serve.py", "--host", "0.0.0.0", "--port", "{PORT}", "--called", "*"]
"""

_README = """# A server that says what pictures show

It holds the model of the run `{run}` of cnnlab ({classes} classes, {runtime}) and needs no cnnlab.
Pictures are prepared by the same functions as in training; nothing is kept.

## With Docker

```sh
docker build -t classifier .
docker run --rm -p 127.0.0.1:{port}:{port} -e {variable}="$(openssl rand -hex 24)" classifier
```

Without `{variable}` the server makes a token and prints it at its start (`docker logs`).

## Without

```sh
python3 -m venv .venv
.venv/bin/pip install -r requirements.txt
.venv/bin/python serve.py --port {port}
```

`serve.py --help` tells all options: limits, threads, names behind a proxy. It speaks plain HTTP:
put a proxy with HTTPS before it where others are on the network in between.

## Ask it

```sh
curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: image/jpeg" \\
  --data-binary @picture.jpg http://127.0.0.1:{port}/predict
curl -H "Authorization: Bearer $TOKEN" -F pictures=@one.jpg -F pictures=@two.png \\
  http://127.0.0.1:{port}/batch
```

`/docs` lists all addresses, `/openapi.json` tells programs, `/` is a page to try pictures.

`requirements.txt` has the versions with which the server was tested, on Python {python}.
"""


def server_texts(description: dict[str, Any], run: str) -> dict[str, str]:
    """All files of the folder but the model's own, by their path in it.

    Args:
        description: what `model.json` beside the model's file says.
        run: whose model it is.

    Raises:
        importlib.metadata.PackageNotFoundError: a package is missing whose version is wanted.
    """
    suffix = Path(description["file"]).suffix
    python = ".".join(map(str, sys.version_info[:2]))
    words = {
        "run": run,
        "classes": len(description["class_names"]),
        "runtime": PACKAGES[suffix],
        "python": python,
        "port": PORT,
        "variable": TOKEN_VARIABLE,
    }
    modules = {f"serving/{name}.py": _alone(_HERE / f"{name}.py") for name in _MODULES}
    prepared = (Path(str(module.__file__)) for module in (pixels, safety))
    modules |= {f"serving/{path.name}": _alone(path) for path in prepared}
    pages = {f"serving/{name}": (_HERE / name).read_text(encoding="utf-8") for name in _PAGES}
    described = description | {"run": run}
    return {
        "README.md": _README.format(**words),
        "Dockerfile": _DOCKERFILE.format(python=python),
        ".dockerignore": ".venv\n__pycache__\n",
        "requirements.txt": "".join(f"{pin}\n" for pin in pins([*_NEEDED, PACKAGES[suffix]])),
        "model.json": json.dumps(described, ensure_ascii=False, indent=1),
        "serve.py": _SERVE,
        "serving/__init__.py": '"""The server\'s modules, as cnnlab has them."""\n',
        **modules,
        **pages,
    }


def _alone(path: Path) -> str:
    """The text of a module of ours that lies in a package `serving`, without cnnlab."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\bcnnlab\.(exports\.serving|datasets\.pictures)\b", "serving", text)


def pins(packages: Iterable[str]) -> list[str]:
    """What is installed here of packages and of all that they need, each with its version."""
    found: dict[str, str] = {}
    wanted = list(packages)
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in found:
            continue
        package = importlib.metadata.distribution(name)
        found[name] = package.version
        needed = (Requirement(line) for line in package.requires or ())
        wanted += [
            one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})
        ]
    return [f"{name}=={version}" for name, version in sorted(found.items())]
