"""What a table promises: its key, its columns with ranges, and that all faults are told at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar

import geopandas as gpd
import pandas as pd

from layers.errors import Fault, InputError

if TYPE_CHECKING:
    import pandera.pandas as pa

Kind = Literal["text", "number", "integer", "flag"]
Frame = TypeVar("Frame", bound=pd.DataFrame)


@dataclass(frozen=True, slots=True)
class Column:
    """What one column holds; a unit, where there is one, is the suffix of the column's name.

    `low` and `high` are inclusive bounds; `choices` lists the only values allowed.
    """

    kind: Kind = "number"
    low: float | None = None
    high: float | None = None
    nullable: bool = False
    choices: tuple[str, ...] | None = None

    def schema(self) -> "pa.Column":
        """Return the column as a pandera column."""
        import pandera.pandas as pa  # noqa: PLC0415 - half a second that a run with nothing to check need not pay

        checks: list[pa.Check] = []
        if self.low is not None:
            checks.append(pa.Check.ge(self.low))
        if self.high is not None:
            checks.append(pa.Check.le(self.high))
        if self.choices is not None:
            checks.append(pa.Check.isin(self.choices))
        dtype = {"text": str, "number": float, "integer": int, "flag": bool}[self.kind]
        return pa.Column(dtype, checks, nullable=self.nullable, coerce=self.kind == "number")


TEXT = Column("text")
FLAG = Column("flag")
NUMBER = Column()
AMOUNT = Column(low=0.0)
SHARE = Column(low=0.0, high=1.0)
YEAR = Column("integer", low=1900, high=2200)


@dataclass(frozen=True)
class Table:
    """The contract of one table.

    Attributes
    ----------
    name
        What the table is called in messages and files.
    columns
        Column name to what it holds. Other columns are allowed only where `open_columns` says so.
    key
        Names of the columns (or of the index) that together identify a row.
    geometry
        Whether the table has a geometry column, which must then have a projected CRS in metres.
    open_columns
        Allow further numeric columns: hourly profiles have one column per class.
    """

    name: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    geometry: bool = False
    open_columns: bool = False

    def check(self, frame: Frame, source: str | None = None) -> Frame:
        """Return the frame if it keeps the contract.

        Raises
        ------
        InputError
            With every fault found.
        """
        faults = self.faults(frame, source)
        if faults:
            raise InputError(faults)
        return frame

    def faults(self, frame: pd.DataFrame, source: str | None = None) -> list[Fault]:
        """Return every way in which a frame breaks the contract."""
        import pandera.pandas as pa  # noqa: PLC0415 - as above
        from pandera.errors import SchemaErrors  # noqa: PLC0415

        source = source or self.name
        plain = frame.reset_index() if frame.index.name in self.key else frame
        found = [Fault(source, f"column {c!r} is missing", column=c) for c in self.key if c not in plain.columns]
        if not found and self.key:
            found += self._duplicates(plain, source)
        found += self._geometry_faults(frame, source)
        schema = pa.DataFrameSchema({name: column.schema() for name, column in self.columns.items()})
        try:
            schema.validate(plain, lazy=True)
        except SchemaErrors as error:
            found += [self._fault(plain, row, source) for _, row in error.failure_cases.iterrows()]
        if not self.open_columns:
            allowed = {*self.columns, *self.key, "geometry"}
            found += [
                Fault(source, f"column {name!r} is not in the contract of {self.name}", column=str(name))
                for name in plain.columns
                if name not in allowed
            ]
        return found

    def _duplicates(self, plain: pd.DataFrame, source: str) -> list[Fault]:
        repeated = plain.loc[plain.duplicated(list(self.key)), list(self.key)]
        return [
            Fault(source, f"{'+'.join(self.key)} stands twice", "keep one row", row="|".join(map(str, key)))
            for key in repeated.itertuples(index=False)
        ]

    def _geometry_faults(self, frame: pd.DataFrame, source: str) -> list[Fault]:
        if not self.geometry:
            return []
        if not isinstance(frame, gpd.GeoDataFrame):
            return [Fault(source, "has no geometry")]
        if frame.crs is None or not frame.crs.is_projected:
            return [Fault(source, f"needs a projected CRS in metres, not {frame.crs}")]
        return []

    def _fault(self, plain: pd.DataFrame, case: pd.Series, source: str) -> Fault:
        row = None
        if case["index"] is not None and not pd.isna(case["index"]) and self.key:
            values = plain.loc[case["index"]]
            row = "|".join(str(values[key]) for key in self.key if key in plain.columns)
        column = case["column"] if case["schema_context"] == "Column" else case["failure_case"]
        return Fault(source, f"{case['failure_case']!r} breaks {case['check']}", row=row, column=str(column))
