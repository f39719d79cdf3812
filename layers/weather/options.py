"""What the reader of weather may be told; everything may stay unsaid where the file itself says it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

WeatherKind = Literal["auto", "epw", "pvgis", "normals"]


class WeatherOptions(BaseModel):
    """Options of the weather: overrides of the file's own header, and what monthly normals cannot say.

    Examples
    --------
    >>> WeatherOptions(latitude_deg=29.8, longitude_deg=121.9).seed
    1
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: WeatherKind = Field(default="auto", description="what the file is; auto looks into it")
    latitude_deg: float | None = Field(
        default=None, ge=-90.0, le=90.0, description="latitude, north positive [deg]; needed for monthly normals"
    )
    longitude_deg: float | None = Field(
        default=None, ge=-180.0, le=180.0, description="longitude, east positive [deg]; needed for monthly normals"
    )
    altitude_m: float | None = Field(default=None, ge=-500.0, le=9000.0, description="height above the sea [m]")
    utc_offset_h: float | None = Field(
        default=None, ge=-12.0, le=14.0, description="local standard time minus UTC [h]; from longitude if unsaid"
    )
    wind_height_m: float | None = Field(
        default=None, ge=1.0, le=200.0, description="height the wind speed holds for [m]; 10 m if unsaid"
    )
    seed: int = Field(default=1, ge=0, description="seed of the year made from monthly normals")
