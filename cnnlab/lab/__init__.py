"""The application: what a user can do, one function each.

Pages, routes and the command line call this and nothing below it.
"""

from cnnlab.lab.datasets import (
    SAMPLE,
    SAMPLE_NAME,
    count_splits,
    delete_dataset,
    example_images,
    import_dataset,
    import_sample,
    list_datasets,
    load_dataset,
    preview_augmentation,
    square_examples,
)
from cnnlab.lab.doctor import examine
from cnnlab.lab.runs import (
    KERAS_FORMAT,
    RunView,
    delete_run,
    describe,
    export_run,
    follow_run,
    launch_run,
    list_runs,
    load_run,
    log_tail,
    look_after_runs,
    model_package,
    rename_run,
    stop_run,
    view_run,
    wait_for_run,
)
from cnnlab.lab.uploads import (
    ImportState,
    append_chunk,
    begin_upload,
    import_state,
    remove_stale_uploads,
    start_import,
)
from cnnlab.lab.workplace import secret

__all__ = [
    "KERAS_FORMAT",
    "SAMPLE",
    "SAMPLE_NAME",
    "ImportState",
    "RunView",
    "append_chunk",
    "begin_upload",
    "count_splits",
    "delete_dataset",
    "delete_run",
    "describe",
    "examine",
    "example_images",
    "export_run",
    "follow_run",
    "import_dataset",
    "import_sample",
    "import_state",
    "launch_run",
    "list_datasets",
    "list_runs",
    "load_dataset",
    "load_run",
    "log_tail",
    "look_after_runs",
    "model_package",
    "preview_augmentation",
    "remove_stale_uploads",
    "rename_run",
    "secret",
    "square_examples",
    "start_import",
    "stop_run",
    "view_run",
    "wait_for_run",
]
