"""The command line: the same operations as in the browser.

With `--json` exactly one JSON object goes to standard output; progress and messages always go to
standard error. Exit code 0; 2 = bad input (one clear line); 1 = it failed.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from cnnlab import lab
from cnnlab.cli import studies as cli_studies
from cnnlab.domain.config.run_config import RunConfig, change_config, load_config
from cnnlab.domain.errors import BadInputError, CnnlabError, ConfigError
from cnnlab.domain.history import gap
from cnnlab.domain.labelling import READINGS
from cnnlab.domain.run import Run, Status
from cnnlab.domain.words import IMPORT_STAGES
from cnnlab.environment import start
from cnnlab.fields import describe_field, walk

Answer = dict[str, Any]

# Progress is told of imports that take longer: a small one ends in its answer alone.
_SILENT_SECONDS = 2


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    arguments = _parser().parse_args(words)
    try:
        answer, text, code = arguments.command(arguments)
    except CnnlabError as error:
        _say(str(error))
        return 2 if isinstance(error, BadInputError) else 1
    except KeyboardInterrupt:
        _say("Interrupted; runs that have been launched go on.")
        return 1
    sys.stdout.write(json.dumps(answer) + "\n" if arguments.json else text + "\n")
    return code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _say(f"{message}; see {self.prog} --help")
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m cnnlab", description=__doc__.splitlines()[0])
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object")
    launch = argparse.ArgumentParser(add_help=False)
    launch.add_argument("--set", action="append", default=[], metavar="a.b=value", dest="changes")
    launch.add_argument("--name", help="what to call the run")
    launch.add_argument("--wait", action="store_true", help="wait until the run has ended")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def add(name: str, command: Any, help: str, *more: Any) -> argparse.ArgumentParser:  # noqa: ANN401
        added = commands.add_parser(name, help=help, description=help, parents=[common, *more])
        added.set_defaults(command=command)
        return added

    add("start", _start, "make the virtual environment if needed and open the app")
    importing = add("import", _import, "import labelled images from a zip, a tar or a folder")
    importing.add_argument("path", type=Path)
    importing.add_argument("--labels", type=Path, help="CSV file with the labels of flat images")
    importing.add_argument(
        "--reading", choices=READINGS, help="where several are possible: what gives the labels"
    )
    importing.add_argument(
        "--class", dest="class_name", metavar="NAME", help="one class for all images"
    )
    importing.add_argument("--name", help="what to call the dataset")
    importing.add_argument("--progress", type=Path, help="append progress to this file as JSON")
    add("datasets", _datasets, "list the datasets")
    add("delete-dataset", _delete_dataset, "delete a dataset").add_argument("dataset")
    training = add("train", _train, "start a run", launch)
    training.add_argument("dataset")
    training.add_argument("--config", type=Path, help="JSON file with the config")
    add("runs", _runs, "list the runs")
    add("show", _show, "show one run").add_argument("run")
    add("stop", _stop, "stop a run after its current step").add_argument("run")
    add("resume", _resume, "go on with a run from its last checkpoint").add_argument("run")
    forking = add("fork", _fork, "start a run that goes on from an epoch of another one", launch)
    forking.add_argument("run")
    forking.add_argument("--epoch", type=int, required=True, metavar="K", help="counted from 0")
    add("delete-run", _delete_run, "delete a run").add_argument("run")
    cli_studies.add_commands(add)
    exporting = add("export", _export, "copy a run's model to a file")
    exporting.add_argument("run")
    exporting.add_argument("--format", required=True, dest="export_format", help="keras")
    exporting.add_argument("--to", required=True, type=Path, metavar="PATH")
    add("fields", _fields, "list every field of the config with its range, default and help")
    doctor = add("doctor", _doctor, "check that everything is in place")
    doctor.add_argument(
        "--rebuild-index",
        action="store_true",
        help="make the database again from the folders of datasets and runs",
    )
    return parser


def _start(_: argparse.Namespace) -> NoReturn:
    start([])


def _import(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    dataset = lab.import_dataset(
        arguments.path,
        name=arguments.name,
        labels=arguments.labels,
        reading=arguments.reading,
        class_name=arguments.class_name,
        on_progress=_progress_to(arguments.progress),
    )
    answer = _keyed("dataset", dataset.to_json())
    for warning in dataset.warnings:
        _say(warning.message)
    text = f"{dataset.id}: {dataset.images} images in {len(dataset.classes)} classes"
    return answer, text, 0


def _progress_to(path: Path | None) -> Any:  # noqa: ANN401 - a function of stage, done and total
    begun = time.monotonic()

    def progress(stage: str, done: int, total: int) -> None:
        if path is not None:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"stage": stage, "done": done, "total": total}) + "\n")
        elif time.monotonic() - begun > _SILENT_SECONDS:
            share = f"{done} of {total}" if stage == "reading" else f"{done / total:.0%}"
            _say(f"{IMPORT_STAGES[stage]}: {share}")

    return progress


def _datasets(_: argparse.Namespace) -> tuple[Answer, str, int]:
    datasets = lab.list_datasets()
    lines = [f"{dataset.id}  {dataset.images} images  {dataset.name}" for dataset in datasets]
    answer = {"datasets": [_keyed("dataset", dataset.to_json()) for dataset in datasets]}
    return answer, "\n".join(lines) or "No datasets yet.", 0


def _delete_dataset(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    lab.delete_dataset(arguments.dataset)
    return {"dataset": arguments.dataset, "deleted": True}, f"{arguments.dataset} deleted", 0


def _train(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    values = _read_config(arguments.config) if arguments.config else {}
    values = change_config(values, arguments.changes) | {"dataset": arguments.dataset}
    run = lab.launch_run(load_config(values), name=arguments.name)
    return _launched(run, wait=arguments.wait)


def _fork(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    run = lab.fork_run(arguments.run, arguments.epoch, arguments.changes, name=arguments.name)
    return _launched(run, wait=arguments.wait)


def _launched(run: Run, *, wait: bool) -> tuple[Answer, str, int]:
    """What is said of a run that was begun: that it is there or, after a wait, how it ended."""
    if not wait:
        return {"run": run.id, "status": run.status}, f"{run.id} {run.status}", 0
    _say(f"run {run.id}")
    run = lab.wait_for_run(run.id, on_epoch=_say_epoch)
    view = lab.view_run(run.id)
    answer = {
        "run": run.id,
        "status": run.status,
        "epochs": len(view.history),
        "best_epoch": run.best_epoch,
        "final": run.last,
        "init_checksum": view.facts.get("init_checksum"),
        "weights_checksum": view.result.get("weights_checksum"),
        "message": run.message,
    }
    if run.message:
        _say(run.message)
    return answer, f"{run.id} {run.status}", int(run.status is Status.FAILED)


def _read_config(path: Path) -> Answer:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"The config file {path} can't be read: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"The config file {path} must hold a JSON object.")
    return values


def _say_epoch(record: Answer) -> None:
    shown = {name: record[name] for name in ("clean_accuracy", "val_accuracy", "val_cross_entropy")}
    numbers = "  ".join(f"{name} {value:.3f}" for name, value in shown.items() if value is not None)
    _say(f"epoch {record['epoch'] + 1}  {numbers}")


def _runs(_: argparse.Namespace) -> tuple[Answer, str, int]:
    runs = lab.list_runs()
    lines = [f"{run.id}  {run.status:<11}  {run.name}" for run in runs]
    return {"runs": [_run_json(run) for run in runs]}, "\n".join(lines) or "No runs yet.", 0


def _run_json(run: Run) -> Answer:
    return _keyed("run", asdict(run)) | {"gap": gap(run.best)}


def _show(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    view = lab.view_run(arguments.run)
    answer = _run_json(view.run) | {"history": view.history} | view.result
    answer |= {
        "status": view.run.status,
        "facts": view.facts,
        "init_checksum": view.facts.get("init_checksum"),
        "weights_checksum": view.result.get("weights_checksum"),
        "turns": [turn.to_json() for turn in view.turns],
        "restarts": view.run.attempt - 1,
        "forkable_epochs": lab.forkable_epochs(view.run.id),
    }
    for record in view.history:
        _say_epoch(record)
    return answer, f"{view.run.id} {view.run.status}  {view.run.message or ''}".rstrip(), 0


def _stop(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    run = lab.stop_run(arguments.run)
    return {"run": run.id, "status": run.status}, f"{run.id} is asked to stop", 0


def _resume(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    return _launched(lab.resume_run(arguments.run), wait=False)


def _delete_run(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    lab.delete_run(arguments.run)
    return {"run": arguments.run, "deleted": True}, f"{arguments.run} deleted", 0


def _export(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    answer = lab.export_run(arguments.run, arguments.export_format, arguments.to)
    return answer, answer["file"], 0


def _fields(_: argparse.Namespace) -> tuple[Answer, str, int]:
    fields = [describe_field(name, info) for name, info in walk(RunConfig)]
    lines = [
        f"{field['field']} = {json.dumps(field['default'])}  ({field['legal']})\n"
        f"    {field['help']}"
        for field in fields
    ]
    return {"fields": fields}, "\n".join(lines), 0


def _doctor(arguments: argparse.Namespace) -> tuple[Answer, str, int]:
    if arguments.rebuild_index:
        return _rebuild_index()
    findings = lab.examine()
    lines = [
        f"{'ok     ' if finding.ok else 'PROBLEM'}  {name}: "
        + (f"{finding.found.rstrip('.')}. {finding.advice}" if finding.advice else finding.found)
        for name, finding in findings.items()
    ]
    answer = {name: asdict(finding) for name, finding in findings.items()}
    healthy = all(finding.ok for finding in findings.values())
    return answer | {"ok": healthy}, "\n".join(lines), 0 if healthy else 1


def _rebuild_index() -> tuple[Answer, str, int]:
    found, kept = lab.rebuild_index()
    statuses = ", ".join(f"{count} {status}" for status, count in found.statuses.items())
    lines = [
        f"ok       datasets: {len(found.datasets)} found",
        f"ok       runs: {len(found.runs)} found" + (f" ({statuses})" if statuses else ""),
        *([f"ok       old database: kept as {kept}"] if kept else []),
        *(f"PROBLEM  left out: {lost.folder}: {lost.reason}" for lost in found.left_out),
    ]
    answer = {
        "datasets": len(found.datasets),
        "runs": len(found.runs),
        "statuses": found.statuses,
        "left_out": [asdict(lost) for lost in found.left_out],
        "kept": str(kept) if kept else None,
        "ok": not found.left_out,
    }
    return answer, "\n".join(lines), 1 if found.left_out else 0


def _keyed(name: str, values: Answer) -> Answer:
    """The values with their `id` under the name that the contract gives it as well."""
    return {name: values["id"]} | values


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
