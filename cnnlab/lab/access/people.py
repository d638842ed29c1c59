"""Who has an account: added, listed, kept out, given another password or address."""

from cnnlab.domain.errors import BadInputError, NotFoundError
from cnnlab.domain.people.person import Account, Action, Role
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE, Workspace
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register
from cnnlab.storage.people.register import Register
from cnnlab.storage.people.words import key_of


@asks(Action.ADMINISTER)
def add_account(
    name: str,
    *,
    password: str | None = None,
    email: str = "",
    is_admin: bool = False,
    workspace: str | None = None,
    role: Role | None = None,
) -> tuple[Account, Workspace, Role]:
    """Add an account, and its person to a workspace.

    The first account is an admin's, who owns what is there already, the workspace `default`.

    Args:
        name: what its person signs in with.
        password: what they sign in with; None where something else says who they are.
        email: their address.
        is_admin: whether they look after people, quotas and the queue.
        workspace: id or title of the one they come into; by default one of their own, called as
            they are.
        role: theirs in it; by default an editor, and the owner of one of their own.

    Returns:
        The account, its workspace and the role there.

    Raises:
        BadInputError: name, password or address can't be taken, or another account has it.
        NotFoundError: there is no such workspace.
        StorageError: the register can't be read or written.
    """
    known = register()
    place = None if workspace is None else known.workspaces.find(workspace)
    is_first = not known.accounts.all()
    account = known.accounts.add(name, password=password, email=email, is_admin=is_admin)
    if place is None and is_first:
        place, role = known.workspaces.find(DEFAULT_WORKSPACE), Role.OWNER
    elif place is None:
        role = role or Role.OWNER
        place = known.workspaces.add(free_title(known, account.person.name))
    known.workspaces.set_role(place.id, account.person.id, role or Role.EDITOR)
    return account, place, role or Role.EDITOR


def free_title(known: Register, name: str) -> str:
    """What somebody's own workspace is called: as they are, with a number where it is taken."""
    taken = {key_of(each.title) for each in known.workspaces.all()}
    titles = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
    return next(title for title in titles if key_of(title) not in taken)


@asks(Action.ADMINISTER, is_noted=False)
def list_accounts() -> list[Account]:
    """All accounts, by name.

    Raises:
        StorageError: the register can't be read.
    """
    return register().accounts.all()


@asks(Action.ADMINISTER)
def set_password(name: str, password: str) -> Account:
    """Give an account another password; it is signed out everywhere.

    Args:
        name: of the account.
        password: the new one.

    Raises:
        BadInputError: the password can't be taken.
        NotFoundError: there is no such account.
        StorageError: the register can't be written.
    """
    account = named_account(name)
    register().accounts.set_password(account.person.id, password)
    return account


@asks(Action.ADMINISTER)
def set_email(name: str, email: str) -> Account:
    """Give an account another address, or none; it is signed out everywhere.

    Args:
        name: of the account.
        email: the new one, by which its person signs in with OIDC; empty is none.

    Raises:
        BadInputError: the address can't be taken, or another account has it.
        NotFoundError: there is no such account.
        StorageError: the register can't be written.
    """
    account = named_account(name)
    register().accounts.set_email(account.person.id, email)
    return register().accounts.load(account.person.id)


@asks(Action.ADMINISTER)
def disable_account(name: str, *, disabled: bool = True) -> Account:
    """Let somebody in no more, or again; they are signed out everywhere.

    The links of whoever is kept out end, for good.

    Args:
        name: of the account.
        disabled: whether they are kept out.

    Raises:
        RunStateError: it is the last admin's.
        NotFoundError: there is no such account.
        StorageError: the register can't be written.
    """
    account = named_account(name)
    register().accounts.set_disabled(account.person.id, disabled)
    if disabled:
        register().links.revoke_of(account.person.name)
    return register().accounts.load(account.person.id)


@asks(Action.ADMINISTER)
def make_admin(name: str, *, is_admin: bool = True) -> Account:
    """Have somebody look after people, quotas and the queue, or no more.

    Args:
        name: of the account.
        is_admin: whether they do.

    Raises:
        RunStateError: it is the last admin's.
        NotFoundError: there is no such account.
        StorageError: the register can't be written.
    """
    account = named_account(name)
    register().accounts.set_admin(account.person.id, is_admin)
    return register().accounts.load(account.person.id)


def named_account(name: str) -> Account:
    """The account with a name.

    Raises:
        BadInputError: no name is given.
        NotFoundError: there is none.
    """
    if not name.strip():
        raise BadInputError("name is missing: name an account.")
    account = register().accounts.find(name)
    if account is None:
        raise NotFoundError(
            f"Nobody is called {name[:100]!r}: `python -m cnnlab user list` shows who has an "
            "account."
        )
    return account
