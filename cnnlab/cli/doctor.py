"""The commands about the installation: its health, its index, the link that opens the app."""

import argparse
from dataclasses import asdict

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, say
from cnnlab.lab.entry import metrics_token

USUAL_ADDRESS = "http://127.0.0.1:8501"


def add_commands(commands: Commands) -> None:
    """Add the commands about the installation."""
    link = commands.add("link", _link, "print the link that opens the app in a browser")
    link.add_argument(
        "--metrics",
        action="store_true",
        help="print instead where Prometheus reads the app's numbers, and the token for that",
    )
    doctor = commands.add("doctor", _doctor, "check that everything is in place")
    doctor.add_argument(
        "--rebuild-index",
        action="store_true",
        help="make the database again from the folders of datasets and runs",
    )


def _doctor(arguments: argparse.Namespace) -> Answer:
    if arguments.rebuild_index:
        return _rebuild_index()
    checks = lab.examine()
    lines = [
        f"{'ok     ' if check.ok else 'PROBLEM'}  {name}: "
        + (f"{check.found.rstrip('.')}. {check.advice}" if check.advice else check.found)
        for name, check in checks.items()
    ]
    healthy = all(check.ok for check in checks.values())
    values = {name: asdict(check) for name, check in checks.items()} | {"ok": healthy}
    return Answer(values, "\n".join(lines), 0 if healthy else 1)


def _link(arguments: argparse.Namespace) -> Answer:
    addresses = lab.app_addresses()
    if not addresses:
        say("No app of this home is running. Once it does, on its usual port, this is the link:")
    known, token = {"running": bool(addresses)}, lab.stored_token()
    if arguments.metrics:
        links = [f"{address}/metrics" for address in addresses or [USUAL_ADDRESS]]
        bearer = metrics_token(token)
        return Answer(known | {"links": links, "token": bearer}, "\n".join([*links, bearer]))
    links = [lab.link(address, token) for address in addresses or [USUAL_ADDRESS]]
    return Answer(known | {"links": links}, "\n".join(links))


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
