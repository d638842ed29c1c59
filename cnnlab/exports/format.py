"""What a format is: its facts, by which pages and commands list it."""

from dataclasses import dataclass
from enum import StrEnum

from cnnlab.domain.errors import ExportError
from cnnlab.exports.packages import pip_line, unmet_packages


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
        extra: the optional dependencies in pyproject.toml that it needs, where they aren't called
            as it is.
    """

    name: str
    title: str
    purpose: str
    suffix: str
    group: Group
    runtime: str
    is_folder: bool = False
    has_package: bool = True
    extra: str = ""

    @property
    def file(self) -> str:
        """Name of the file in a download."""
        return f"model{self.suffix}" if self.group is Group.MODEL else f"{self.name}{self.suffix}"

    @property
    def gives_probabilities(self) -> bool:
        """Whether a temperature and a threshold are of use in it; the others tell of the training.

        Those are the same whatever the evaluation has found.
        """
        return self.group in (Group.MODEL, Group.PAGE)

    @property
    def pip_line(self) -> str | None:
        """The command that installs what is missing here to make it; None if all is there."""
        unmet = unmet_packages(self.extra or self.name)
        return pip_line(unmet) if unmet else None

    def require_packages(self) -> None:
        """See that it can be made here.

        Raises:
            ExportError: packages are missing or of another version; the message has the line that
                installs them.
        """
        unmet = unmet_packages(self.extra or self.name)
        if unmet:
            raise ExportError(
                f"{self.title} needs {' and '.join(unmet.values())}: run "
                f"`{pip_line(unmet)}`, then try again."
            )
