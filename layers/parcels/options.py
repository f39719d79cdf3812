"""What may be set about reading parcels."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ParcelOptions(BaseModel):
    """How the plan's file is to be understood."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str] = Field(
        default={}, description='Our column name to the file\'s, such as far = "RJL"; others are found by common names'
    )
    ratios: Literal["auto", "fraction", "percent"] = Field(
        default="auto", description="Whether densities and green ratios are fractions or percent; auto tells by size"
    )
    id_prefix: str = Field(default="", description="Put before every parcel id, to tell apart plans that share ids")
    polygons_only: bool = Field(
        default=False, description="Leave out points and lines instead of refusing them, as in OpenStreetMap extracts"
    )
    join_pieces: bool = Field(
        default=False, description="Rows of one id are pieces of one parcel that a tile edge cut, not a fault"
    )
    cut_overlaps: bool = Field(
        default=False, description="Where parcels overlap, the smaller keeps the land; without it that is a fault"
    )
    overlap_tolerance: float = Field(
        default=0.02, ge=0.0, le=1.0, description="Overlap that is noted only, as a share of the smaller parcel"
    )
    overlap_tolerance_m2: float = Field(default=10.0, ge=0.0, description="Overlap that is noted only [m2]")
    outside_tolerance: float = Field(
        default=0.01, ge=0.0, le=1.0, description="Share of a parcel that may lie outside the zone without a warning"
    )
    max_far: float = Field(default=25.0, gt=0.0, description="Floor area ratio above which a figure is taken as wrong")
    floor_area_tolerance: float = Field(
        default=0.5, ge=0.0, description="Relative difference of floor area and ratio times area that is not warned of"
    )
