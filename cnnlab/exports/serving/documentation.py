"""The addresses described for people: a page made of the OpenAPI document, from nowhere else."""

import html
from typing import Any

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: addresses</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<main>
<p class="way"><a href="./">Try it</a></p>
<h1>{title}</h1>
<p>{description}</p>
{token}
<h2>Addresses</h2>
{operations}
<h2>What is answered</h2>
{schemas}
<p class="small">For programs: <a href="openapi.json">openapi.json</a></p>
</main>
</html>
"""

_TOKEN = """<h2>Token</h2>
<p>Addresses marked <span class="mark">token</span> want the header
<code>Authorization: Bearer TOKEN</code> with the token that was printed at the start.</p>"""


def documentation_page(document: dict[str, Any]) -> str:
    """HTML that shows an OpenAPI document of ours.

    Args:
        document: as `api_document` gives it.
    """
    info, components = document["info"], document["components"]
    operations = [
        _operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = [_schema(name, schema) for name, schema in components["schemas"].items()]
    return _PAGE.format(
        title=html.escape(info["title"]),
        description=_words(info["description"]),
        token=_TOKEN if "securitySchemes" in components else "",
        operations="\n".join(operations),
        schemas="\n".join(schemas),
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    marks = '<span class="mark">token</span>' if "security" in operation else ""
    parts = [
        f'<section class="operation"><h3><code>{method.upper()} {html.escape(path)}</code> {marks}'
        f"</h3><p>{_words(operation['summary'])}.</p>"
    ]
    if "description" in operation:
        parts.append(f"<p>{_words(operation['description'])}</p>")
    for parameter in operation.get("parameters", []):
        parts.append(
            f"<p>Header <code>{html.escape(parameter['name'])}</code>, if wanted: "
            f"{_words(parameter['description'])}</p>"
        )
    if "requestBody" in operation:
        kinds = ", ".join(f"<code>{html.escape(kind)}</code>"
                          for kind in operation["requestBody"]["content"])  # fmt: skip
        parts.append(f"<p>Body: {kinds}</p>")
        parts.append(
            f'<pre tabindex="0">{html.escape(_example(path, "security" in operation))}</pre>'
        )
    rows = "".join(
        f"<tr><td>{status}</td><td>{_words(answer['description'])}</td>"
        f"<td>{_link(answer)}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    parts.append(
        f"<table><thead><tr><th>Status</th><th>When</th><th>JSON</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )
    return "\n".join(parts)


def _example(path: str, with_token: bool) -> str:
    token = "-H 'Authorization: Bearer TOKEN' " if with_token else ""
    if path == "/batch":
        return f"curl {token}-F pictures=@one.jpg -F pictures=@two.png ADDRESS{path}"
    return f"curl {token}-H 'Content-Type: image/jpeg' --data-binary @picture.jpg ADDRESS{path}"


def _link(answer: dict[str, Any]) -> str:
    name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return f'<a href="#{html.escape(name)}">{html.escape(name)}</a>'


def _schema(name: str, schema: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{html.escape(key)}</code></td><td>{html.escape(_type(value))}</td>"
        f"<td>{_words(value.get('description', ''))}</td></tr>"
        for key, value in schema["properties"].items()
    )
    shown = html.escape(name)
    return (
        f'<section class="operation" id="{shown}"><h3>{shown}</h3><table><thead><tr><th>Name</th>'
        f"<th>Type</th><th>Meaning</th></tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _type(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _words(text: str) -> str:
    """Escaped, with what stands between backticks as code."""
    parts = html.escape(text, quote=False).split("`")
    return "".join(
        f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts)
    )
