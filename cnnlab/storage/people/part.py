"""What each part of the register begins with: its database and its clock."""

from sqlalchemy import Engine

from cnnlab.storage.people.words import Clock, now


class RegisterPart:
    """A part of a register.

    Args:
        engine: the register's database.
        clock: says what time it is.
    """

    def __init__(self, engine: Engine, clock: Clock = now) -> None:
        self._engine = engine
        self._clock = clock
