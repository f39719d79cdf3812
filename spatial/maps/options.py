"""What a study may choose about its map, and what the map must know about the run."""

import re
from collections.abc import Mapping
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator

from spatial.maps.vocabulary import themes

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


class RunInfo(Protocol):
    """What the map says about the run it was drawn from."""

    @property
    def title_zh(self) -> str:
        """Name of the study in Chinese."""

    @property
    def title_en(self) -> str:
        """Name of the study in English."""

    @property
    def base_year(self) -> int:
        """First year of the account."""

    @property
    def target_year(self) -> int:
        """Last year of the account."""

    @property
    def illustrative(self) -> tuple[str, ...]:
        """What of the input is illustrative."""

    @property
    def attribution(self) -> tuple[str, ...]:
        """Sources that must be named on the map."""

    @property
    def switches(self) -> Mapping[str, str]:
        """Settings that change the result, and what was chosen."""

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Scenarios of the account; the last is the one that is planned."""


class MapOptions(BaseModel):
    """Choices of the map; none changes a number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    colours: dict[str, str] = Field(
        default_factory=dict,
        description="Colours (#rrggbb) that replace the map's own, by land-use code or by key of colours.csv",
    )
    simplify_m: float = Field(2.0, ge=0.0, le=200.0, description="Outlines may move by this much [m]; 0 keeps them")
    default_theme: str = Field("landuse", description="Theme shown when the page opens, an id of themes.csv")
    language: Literal["zh", "en"] = Field("zh", description="Language shown when the page opens")
    online_basemaps: bool = Field(
        default=False, description="Offer online base maps as an unticked choice; nothing is fetched until it is ticked"
    )
    tianditu_key: str = Field("", description="The user's own key for the Tianditu base map; empty leaves it out")

    @field_validator("colours")
    @classmethod
    def _hex(cls, colours: dict[str, str]) -> dict[str, str]:
        for key, colour in colours.items():
            if not _HEX.fullmatch(colour):
                raise ValueError(f"colour of {key!r} is {colour!r}; write it as #rrggbb")
        return colours

    @field_validator("default_theme")
    @classmethod
    def _known(cls, theme: str) -> str:
        known = [row["id"] for row in themes()]
        if theme not in known:
            raise ValueError(f"unknown theme {theme!r}; choose one of {', '.join(known)}")
        return theme

    @field_validator("tianditu_key")
    @classmethod
    def _plain(cls, key: str) -> str:
        if key and not key.isalnum():
            raise ValueError("a Tianditu key has only letters and digits")
        return key
