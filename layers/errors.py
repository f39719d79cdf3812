"""What is wrong with an input, said so that the person who made the file can mend it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["error", "warning", "note"]

TOLD = 5
"""Rows that a fault of a table names."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one place.

    Attributes
    ----------
    source
        File, or table name, the fault is in.
    problem
        What is wrong, with the offending value.
    remedy
        What to do about it.
    row
        Identifier of the row, where there is one.
    column
        Name of the column, where there is one.
    level
        ``error`` stops the run; ``warning`` and ``note`` (a repair that was made) do not.
    """

    source: str
    problem: str
    remedy: str = ""
    row: str | None = None
    column: str | None = None
    level: Level = "error"

    def __str__(self) -> str:
        """Return the fault as one line: where, what, remedy."""
        where = [self.source]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {self.column}")
        text = f"{', '.join(where)}: {self.problem}"
        return f"{text}; {self.remedy}" if self.remedy else text


class InputError(Exception):
    """The input is at fault: carries every fault found, never just the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(slots=True)
class Findings:
    """Collects faults, so that all of them are told at once.

    Examples
    --------
    >>> findings = Findings()
    >>> findings.error("parcels.gpkg", "floor area ratio is -1", "give a number >= 0", row="A-1", column="far")
    >>> print(findings.errors[0])
    parcels.gpkg, row A-1, column far: floor area ratio is -1; give a number >= 0
    """

    faults: list[Fault] = field(default_factory=list)

    def error(
        self, source: str, problem: str, remedy: str = "", *, row: object = None, column: str | None = None
    ) -> None:
        """Add a fault that stops the run."""
        self._add("error", source, problem, remedy, row=row, column=column)

    def warning(
        self, source: str, problem: str, remedy: str = "", *, row: object = None, column: str | None = None
    ) -> None:
        """Add something suspicious that does not stop the run."""
        self._add("warning", source, problem, remedy, row=row, column=column)

    def note(
        self, source: str, problem: str, remedy: str = "", *, row: object = None, column: str | None = None
    ) -> None:
        """Add a repair that was made, so that nobody is surprised by it."""
        self._add("note", source, problem, remedy, row=row, column=column)

    def _add(self, level: Level, source: str, problem: str, remedy: str, **where: object) -> None:
        row, column = (None if where[name] is None else str(where[name]) for name in ("row", "column"))
        self.faults.append(Fault(source, problem, remedy, row, column, level))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Add faults found elsewhere."""
        self.faults.extend(faults)

    @property
    def errors(self) -> list[Fault]:
        """The faults that stop the run."""
        return [fault for fault in self.faults if fault.level == "error"]

    def raise_errors(self) -> None:
        """Raise one `InputError` with every error found.

        Raises
        ------
        InputError
            If there is at least one error.
        """
        if self.errors:
            raise InputError(self.errors)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)


def refuse(faults: Mapping[str, Iterable[object]]) -> None:
    """Raise one error that names all faults.

    Parameters
    ----------
    faults
        What is wrong, and the rows that it is wrong with; a fault without rows is none.

    Raises
    ------
    ValueError
        If there is a fault.

    Examples
    --------
    >>> refuse({"areas must not be negative": []})
    >>> refuse({"areas must not be negative": ["a", "b"], "ids must differ": ["c"]})
    Traceback (most recent call last):
    ValueError: areas must not be negative (a, b); ids must differ (c)
    """
    told: list[str] = []
    for problem, found in faults.items():
        rows = [str(row) for row in found]
        more = f" and {len(rows) - TOLD} more" if len(rows) > TOLD else ""
        if rows:
            told.append(f"{problem} ({', '.join(rows[:TOLD])}{more})")
    if told:
        raise ValueError("; ".join(told))
