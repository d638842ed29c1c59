"""Where people are signed in, for admins, who can end that."""

from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.people import named_account
from cnnlab.lab.access.register import register


@asks(Action.ADMINISTER, is_noted=False)
def list_signed_in() -> dict[str, int]:
    """By ids of people, at how many places they are signed in; who is nowhere isn't among them.

    Raises:
        StorageError: the register can't be read.
    """
    return register().sessions.counts()


@asks(Action.ADMINISTER)
def sign_out_everywhere(name: str) -> int:
    """End all sessions of somebody; they may sign in again.

    Args:
        name: of the account.

    Returns:
        How many there were.

    Raises:
        NotFoundError: there is no such account.
        StorageError: the register can't be written.
    """
    return register().sessions.end_all(named_account(name).person.id)
