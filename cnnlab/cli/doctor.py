"""The command about the installation: is everything in place, and how the index is made again."""

import argparse
from dataclasses import asdict

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands


def add_commands(commands: Commands) -> None:
    """Add the command about the installation."""
    doctor = commands.add("doctor", _doctor, "check that everything is in place")
    doctor.add_argument(
        "--rebuild-index",
        action="store_true",
        help="make the database again from the folders of datasets and runs",
    )


def _doctor(arguments: argparse.Namespace) -> Answer:
    if arguments.rebuild_index:
        return _rebuild_index()
    findings = lab.examine()
    lines = [
        f"{'ok     ' if finding.ok else 'PROBLEM'}  {name}: "
        + (f"{finding.found.rstrip('.')}. {finding.advice}" if finding.advice else finding.found)
        for name, finding in findings.items()
    ]
    healthy = all(finding.ok for finding in findings.values())
    values = {name: asdict(finding) for name, finding in findings.items()} | {"ok": healthy}
    return Answer(values, "\n".join(lines), 0 if healthy else 1)


def _rebuild_index() -> Answer:
    found, kept = lab.rebuild_index()
    statuses = ", ".join(f"{count} {status}" for status, count in found.statuses.items())
    lines = [
        f"ok       datasets: {len(found.datasets)} found",
        f"ok       runs: {len(found.runs)} found" + (f" ({statuses})" if statuses else ""),
        *([f"ok       old database: kept as {kept}"] if kept else []),
        *(f"PROBLEM  left out: {lost.folder}: {lost.reason}" for lost in found.left_out),
    ]
    values = {
        "datasets": len(found.datasets),
        "runs": len(found.runs),
        "statuses": found.statuses,
        "left_out": [asdict(lost) for lost in found.left_out],
        "kept": str(kept) if kept else None,
        "ok": not found.left_out,
    }
    return Answer(values, "\n".join(lines), 1 if found.left_out else 0)
