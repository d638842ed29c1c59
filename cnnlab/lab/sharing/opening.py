"""What somebody sees who opens a link: one document, made in the name of a guest who only views."""

from cnnlab.documents.story.page import SlideParts
from cnnlab.domain.people.person import Person, Role
from cnnlab.domain.people.records import Link, Outcome
from cnnlab.lab.access.acting import Acting, acting_as, have_accounts
from cnnlab.lab.access.authorize import is_noted_lately
from cnnlab.lab.access.register import register_if_made
from cnnlab.lab.exporting.card import run_report
from cnnlab.lab.sharing.slides import slides_document
from cnnlab.lab.study.report import study_report

_GUEST = Person("guest", "guest")


def find_link(secret: str, address: str = "") -> Link | None:
    """The link of a secret; None where it has ended or there never was one.

    Where people have accounts the audit is told who came by a link, and by one that has ended.

    Args:
        secret: as it stands in an address.
        address: from where somebody came.

    Raises:
        StorageError: the register can't be read.
    """
    known = register_if_made()
    if known is None:
        return None
    link = known.links.find(secret)
    met = link or known.links.find(secret, even_ended=True)
    if met and have_accounts():
        outcome: Outcome = "done" if link else "refused"
        object = f"{met.kind} {met.object}"
        if not is_noted_lately(f"{outcome} {address}", "open_link", met.key_hash):
            place = {"workspace": met.workspace, "address": address}
            known.audit.note("open_link", outcome, person=_GUEST.name, object=object, **place)
    return link


def shared_document(link: Link, slides: SlideParts, address: str = "") -> str:
    """What a link shows, as one HTML file that asks for nothing else.

    Args:
        link: one that hasn't ended.
        slides: what a presentation is drawn by.
        address: from where somebody came.

    Raises:
        NotFoundError: what it shows was deleted.
        RunStateError: there is nothing to show yet.
        StorageError: its files can't be read.
    """
    with acting_as(Acting(_GUEST, link.workspace, Role.VIEWER, address)):
        match link.kind:
            case "run":
                return run_report(link.object)
            case "study":
                return study_report(link.object)
            case "presentation":
                return slides_document(link.object, slides)
