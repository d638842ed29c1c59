"""What Streamlit keeps for all sessions is kept for one workspace each."""

import ast
from pathlib import Path

UI = Path(__file__).parents[2] / "cnnlab" / "ui"


def kept_functions():
    for file in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and any(
                "cache_" in ast.unparse(each) for each in node.decorator_list
            ):
                yield f"{file.relative_to(UI)}: {node.name}", node


def test_what_is_read_of_a_workspace_is_kept_under_its_id():
    asked = {
        name: node.args.args[0].arg
        for name, node in kept_functions()
        if any(ast.unparse(each).startswith("lab.") for each in ast.walk(node))
    }
    assert len(asked) == 3
    assert set(asked.values()) == {"workspace"}, asked
