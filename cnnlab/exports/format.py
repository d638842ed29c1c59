"""What a format is: its facts, by which pages and commands list it."""

from dataclasses import dataclass
from enum import StrEnum

from cnnlab.domain.errors import ExportError
from cnnlab.exports.packages import missing_packages, pip_line


class Group(StrEnum):
    """What a user gets, by which formats are listed together."""

    MODEL = "model"
    """A file that a runtime loads."""

    PAGE = "page"
    """Something that classifies without anything else."""

    CODE = "code"
    """The training as a program."""

    DOCUMENT = "document"
    """Words and numbers, with what proves them."""


@dataclass(frozen=True)
class Format:
    """A format: one file under `formats/` makes one of these.

    Attributes:
        name: on the command line, in addresses and in folders.
        title: on screen.
        purpose: what it is for, one sentence.
        suffix: of the file, with its dot.
        group: what it is one of.
        runtime: what loads, runs or shows it, in words.
        is_folder: whether what is made is a folder of that name; a download is a zip all the same.
        has_package: whether a download is a zip with more than the file: class names, an example.
    """

    name: str
    title: str
    purpose: str
    suffix: str
    group: Group
    runtime: str
    is_folder: bool = False
    has_package: bool = True

    @property
    def file(self) -> str:
        """Name of the file in a download."""
        return f"model{self.suffix}" if self.group is Group.MODEL else f"{self.name}{self.suffix}"

    @property
    def pip_line(self) -> str | None:
        """The command that installs what is missing here to make it; None if all is there."""
        missing = missing_packages(self.name)
        return pip_line(missing) if missing else None

    def require_packages(self) -> None:
        """See that it can be made here.

        Raises:
            ExportError: packages are missing; the message has the line that installs them.
        """
        line = self.pip_line
        if line:
            raise ExportError(
                f"{self.title} needs packages that aren't installed: run `{line}`, then try again."
            )
