"""Views of the table of runs that have a name: a few, kept in the home for all who use it."""

from urllib.parse import urlencode

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.runs_table.view import RunsView
from cnnlab.lab.workplace import workplace
from cnnlab.storage.saved_views import SavedView, delete_view_file, load_views, save_view_file

MOST_VIEWS = 30
MOST_NAME_CHARACTERS = 60


@asks(Action.VIEW)
def list_views() -> list[SavedView]:
    """All that were saved, by name."""
    return load_views(workplace().home)


@asks(Action.EDIT)
def save_view(name: str, view: RunsView) -> SavedView:
    """Keep a view under a name; one that had this name is replaced.

    Raises:
        BadInputError: the name is empty or too long, or there are too many.
        StorageError: the disk is full.
    """
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= MOST_NAME_CHARACTERS or not clean.isprintable():
        raise BadInputError(
            f"A view's name needs 1 to {MOST_NAME_CHARACTERS} characters that can be seen. "
            f"Received: {len(clean)}."
        )
    saved = SavedView(clean, query_text(view))
    there = {one.id for one in list_views()}
    if saved.id not in there and len(there) >= MOST_VIEWS:
        raise BadInputError(f"At most {MOST_VIEWS} views can be saved: delete one first.")
    save_view_file(workplace().home, saved)
    return saved


@asks(Action.EDIT)
def delete_view(view: str) -> None:
    """Forget a view by its id, if it is there.

    Raises:
        StorageError: the home folder can't be written.
    """
    delete_view_file(workplace().home, view)


def query_text(view: RunsView) -> str:
    """What stands behind the question mark of an address that restores a view."""
    return urlencode(view.to_address(), doseq=True, safe=",:/")
