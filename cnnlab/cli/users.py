"""The commands about people who have an account."""

import argparse
import getpass
import sys

from cnnlab.cli.command import Answer, Commands, Values, listed
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.people.person import Account, Role
from cnnlab.lab.access import people


def add_commands(commands: Commands) -> None:
    """Add the commands about accounts."""
    users = commands.group("user", "who has an account")
    adding = users.add("add", _add, "add an account; the first one is an admin's")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("--role", choices=list(Role), type=Role, help="theirs in the workspace")
    adding.add_argument("--admin", action="store_true", help="looks after people, quotas and queue")
    adding.add_argument(
        "--workspace",
        dest="into",
        metavar="W",
        help="id or title of the one they come into; by default one of their own",
    )
    adding.add_argument("--email", default="", help="by it somebody signs in with OIDC")
    _add_password(adding)
    adding.add_argument(
        "--without-password", action="store_true", help="OIDC or a proxy says who they are"
    )
    users.add("list", _list, "list all accounts")
    changing = users.add("password", _password, "give an account another password")
    changing.add_argument("name", metavar="NAME")
    _add_password(changing)
    addressing = users.add("email", _email, "give an account another address, or none")
    addressing.add_argument("name", metavar="NAME")
    addressing.add_argument("email", metavar="ADDRESS", nargs="?", default="")
    for word, command, does in (
        ("disable", _disable, "let somebody in no more"),
        ("admin", _admin, "have somebody look after people, quotas and the queue"),
    ):
        parser = users.add(word, command, does)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--undo", action="store_true", help="take that back")


def _add_password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )


def _add(arguments: argparse.Namespace) -> Answer:
    password = None if arguments.without_password else _asked_password(arguments)
    account, workspace, role = people.add_account(
        arguments.name,
        password=password,
        email=arguments.email,
        is_admin=arguments.admin,
        workspace=arguments.into,
        role=arguments.role,
    )
    values = _values(account) | {
        "workspace": workspace.id, "title": workspace.title, "role": role
    }  # fmt: skip
    also = ", an admin" if account.person.is_admin else ""
    text = f"{account.person.name}{also}: {role} of the workspace {workspace.title}"
    return Answer(values, text)


def _list(_: argparse.Namespace) -> Answer:
    accounts = people.list_accounts()
    return listed("users", [_values(one) for one in accounts], [_line(one) for one in accounts])


def _password(arguments: argparse.Namespace) -> Answer:
    account = people.set_password(arguments.name, _asked_password(arguments))
    text = f"{account.person.name} has another password and is signed out everywhere"
    return Answer(_values(account), text)


def _email(arguments: argparse.Namespace) -> Answer:
    account = people.set_email(arguments.name, arguments.email)
    return Answer(_values(account), f"{_line(account)}: signed out everywhere")


def _disable(arguments: argparse.Namespace) -> Answer:
    account = people.disable_account(arguments.name, disabled=not arguments.undo)
    return Answer(_values(account), _line(account))


def _admin(arguments: argparse.Namespace) -> Answer:
    account = people.make_admin(arguments.name, is_admin=not arguments.undo)
    return Answer(_values(account), _line(account))


def _asked_password(arguments: argparse.Namespace) -> str:
    """What somebody types twice, unseen; or the first line of standard input.

    Raises:
        BadInputError: there is nobody to ask, or both aren't the same.
    """
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInputError("There is no terminal to ask for the password: use --password-stdin.")
    password = getpass.getpass(f"Password for {arguments.name}: ")
    if getpass.getpass("Once more: ") != password:
        raise BadInputError("The two passwords aren't the same: try again.")
    return password


def _values(account: Account) -> Values:
    return {
        "user": account.person.name,
        "id": account.person.id,
        "email": account.email,
        "admin": account.person.is_admin,
        "disabled": account.disabled,
        "created_at": account.created_at,
    }


def _line(account: Account) -> str:
    said = [
        account.person.name,
        account.email,
        "admin" if account.person.is_admin else "",
        "disabled" if account.disabled else "",
    ]
    return ", ".join(word for word in said if word)
