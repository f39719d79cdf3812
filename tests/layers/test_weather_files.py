"""Reading weather: what good files give, and one clear message for each kind of bad one."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.errors import Findings
from layers.tables.weather import SITE, WEATHER
from layers.weather import WeatherOptions, generate_year, read_weather, sun_position

DATA = Path(__file__).parents[2].parent / "shared" / "data"
NINGBO = WeatherOptions(latitude_deg=29.8, longitude_deg=121.9, altitude_m=5.0, utc_offset_h=8.0)
NORMALS = """# Ningbo, rounded
month,ghi_kwh_m2,temp_mean_c,temp_max_c,temp_min_c,relative_humidity_pct,wind_speed_m_s
1,72,5.5,9,2,75,4.6
2,77,6.5,10,3,76,4.7
3,102,10,14,6,77,4.7
4,125,15.5,20,11,77,4.5
5,140,21,25,17,77,4.2
6,125,24.5,28,21,83,4.2
7,165,29,33,25,80,4.8
8,156,28.5,32,25,80,4.9
9,120,24.5,28,21,80,4.7
10,106,19,23,15,76,4.7
11,80,13.5,18,9,75,4.5
12,72,8,12,4,73,4.5
"""
Lines = list[list[str]]


def read(path: Path, options: WeatherOptions = NINGBO) -> tuple[tuple[pd.DataFrame, pd.DataFrame] | None, Findings]:
    findings = Findings()
    return read_weather(path, options, findings), findings


@pytest.fixture(scope="module")
def ningbo(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:
    path = tmp_path_factory.mktemp("normals") / "normals.csv"
    path.write_text(NORMALS, encoding="utf-8")
    found, _ = read(path)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def good_lines(ningbo: tuple[pd.DataFrame, pd.DataFrame]) -> Lines:
    """Return the hours of an EPW, 35 columns of text in each."""
    _, year = ningbo
    rows: Lines = []
    for label, hour in zip(pd.DatetimeIndex(year.index), year.round(2).to_numpy().astype(str).tolist(), strict=True):
        ghi, dni, dhi, air, humidity, wind, pressure, _ = hour
        row = ["0"] * 35
        row[:5] = ["2013", str(label.month), str(label.day), str(label.hour + 1), "30"]
        row[6], row[8], row[9], row[13], row[14], row[15], row[21] = air, humidity, pressure, ghi, dni, dhi, wind
        rows.append(row)
    return rows


@pytest.fixture
def epw(tmp_path: Path, good_lines: Lines) -> Callable[..., Path]:
    """Return a writer of an EPW of Ningbo, changed by a function of its rows."""

    def write(change: Callable[[Lines], Lines] = lambda rows: rows, location: str = "29.8,121.9,8.0,5.0") -> Path:
        rows = change([list(row) for row in good_lines])
        head = [f"LOCATION,Ningbo,ZJ,CHN,test,585620,{location}", *(["HEADER"] * 7)]
        path = tmp_path / "ningbo.epw"
        path.write_text("\n".join([*head, *(",".join(row) for row in rows)]) + "\n", encoding="utf-8")
        return path

    return write


def put(row: int, column: int, value: str) -> Callable[[Lines], Lines]:
    def change(rows: Lines) -> Lines:
        rows[row][column] = value
        return rows

    return change


def the_error(path: Path, options: WeatherOptions | None = None) -> str:
    """Return the one message a file deserves; the header of the file stands for itself unless options are given."""
    found, findings = read(path, options or WeatherOptions())
    assert found is None
    assert len(findings.errors) == 1, [str(error) for error in findings.errors]
    assert findings.errors[0].remedy
    return str(findings.errors[0])


def test_an_epw_comes_back_as_it_was(epw: Callable[..., Path], ningbo: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found, findings = read(epw(), WeatherOptions())
    assert not findings.faults
    assert found is not None
    site, year = found
    pd.testing.assert_frame_equal(year, ningbo[1].round(2), check_freq=False)
    assert not SITE.faults(site)
    assert not WEATHER.faults(year)
    assert str(year.index[0]) == "2017-01-01 00:00:00+08:00"
    assert site["wind_height_m"].iloc[0] == 10.0


def test_long_waves_are_read_where_they_are_some_a_sky_has(epw: Callable[..., Path]) -> None:
    def change(rows: Lines) -> Lines:
        for row, text in zip(rows, ("315", "9999", "", "12", "n/a"), strict=False):
            row[12] = text
        return rows

    found, findings = read(epw(change), WeatherOptions())
    assert not findings.faults
    assert found is not None
    assert found[1]["ghi_infrared"].head(5).fillna(-1.0).tolist() == [315.0, -1.0, -1.0, -1.0, -1.0]


def test_options_go_before_the_header(epw: Callable[..., Path]) -> None:
    found, _ = read(epw(), WeatherOptions(longitude_deg=120.0, wind_height_m=80.0))
    assert found is not None
    assert found[0].loc["site", ["longitude_deg", "latitude_deg", "wind_height_m"]].tolist() == [120.0, 29.8, 80.0]


def test_an_epw_of_32_columns_is_read(epw: Callable[..., Path]) -> None:
    found, findings = read(epw(lambda rows: [row[:32] for row in rows]), WeatherOptions())
    assert found is not None
    assert not findings.errors


def test_the_leap_day_is_dropped_with_a_note(epw: Callable[..., Path]) -> None:
    def leap(rows: Lines) -> Lines:
        extra = [[*row[:1], "2", "29", *row[3:]] for row in rows[58 * 24 : 59 * 24]]
        return rows[: 59 * 24] + extra + rows[59 * 24 :]

    found, findings = read(epw(leap), WeatherOptions())
    assert found is not None
    assert len(found[1]) == 8760
    assert ["29 February" in fault.problem for fault in findings] == [True]


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(epw: Callable[..., Path]) -> None:
    path = epw()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    found, findings = read(path, WeatherOptions())
    assert found is not None
    assert not findings.faults


def test_missing_pressure_is_filled_and_said(epw: Callable[..., Path]) -> None:
    found, findings = read(epw(put(7, 9, "999999")), WeatherOptions())
    assert found is not None
    assert found[1]["pressure"].iloc[7] == pytest.approx(101_265, abs=100)
    assert "1 hours lack pressure" in str(next(iter(findings)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[:-1], ["8,759 hours of the year, not 8,760", "12-31 23:00"]),
        (lambda rows: rows[:100] + rows[101:], ["8,759 hours", "01-05 04:00"]),
        (lambda rows: rows[:-1] + rows[:1], ["01-01 00:00 stands twice", "12-31 23:00"]),
        (put(12, 13, "NaN"), ["row 21", "Global Horizontal Radiation", "is missing"]),
        (put(12, 14, ""), ["row 21", "Direct Normal Radiation", "is missing"]),
        (put(12, 13, "9999"), ["row 21", "Global Horizontal Radiation", "is missing"]),
        (put(12, 6, "warm"), ["row 21", "Dry Bulb Temperature", "'warm' is not a number"]),
        (put(12, 13, "-5"), ["row 21", "-5 is outside 0 to 1500"]),
        (put(12, 13, "1800"), ["row 21", "1800 is outside 0 to 1500"]),
        (put(12, 6, "75"), ["row 21", "75 is outside -60 to 60"]),
        (put(12, 8, "110"), ["row 21", "110 is outside 0 to 100"]),
        (put(12, 2, "40"), ["row 21", "no hour of a year"]),
        (lambda rows: [[*row[:13], "0", "0", "0", *row[16:]] for row in rows], ["no sunshine"]),
        (lambda rows: [row[:12] for row in rows], ["row 9", "12 columns"]),
        (lambda rows: rows[:0], ["no hours"]),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_bad_rows(epw: Callable[..., Path], change: Callable[[Lines], Lines], words: list[str]) -> None:
    text = the_error(epw(change))
    assert text.startswith("ningbo.epw")
    for word in words:
        assert word in text


def test_many_bad_values_of_a_column_are_one_message(epw: Callable[..., Path]) -> None:
    assert "and 8759 more rows" in the_error(epw(lambda rows: [[*row[:6], "-99", *row[7:]] for row in rows]))


@pytest.mark.parametrize("offset", ["0.0", "-5.0", "12.0"])
def test_a_wrong_time_zone_is_told_with_the_one_that_fits(epw: Callable[..., Path], offset: str) -> None:
    text = the_error(epw(location=f"29.8,121.9,{offset},5.0"))
    assert "time zone is wrong" in text
    assert "UTC+8 would fit" in text


def test_sunshine_at_night_is_told(epw: Callable[..., Path]) -> None:
    def moonlight(rows: Lines) -> Lines:
        return [[*row[:13], "150", *row[14:]] if row[3] in ("1", "24") and row[1] == "3" else row for row in rows]

    assert "shines at night" in the_error(epw(moonlight))


def test_more_sun_than_outside_the_atmosphere_is_told(epw: Callable[..., Path]) -> None:
    def bright(rows: Lines) -> Lines:
        return [
            [*row[:13], str(min(3.0 * float(row[13]), 1400.0)), *row[14:]] if row[1] == "12" else row for row in rows
        ]

    assert "month 12" in the_error(epw(bright))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"hello world\n1,2,3\n", "is no weather file"),
        (b"{", "not whole JSON"),
        (b'{"outputs": {}}', "no outputs.tmy_hourly"),
        (b'{"inputs": {"location": {}}, "outputs": {"tmy_hourly": 3}}', "no list of hours"),
    ],
)
def test_no_weather_at_all(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "weather.txt"
    path.write_bytes(content)
    assert words in the_error(path, NINGBO)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "no such file" in the_error(tmp_path / "nowhere.epw")


def test_location_that_is_no_number(epw: Callable[..., Path]) -> None:
    assert "'north' is not a number" in str(read(epw(location="north,121.9,8.0,5.0"), WeatherOptions())[1].errors[0])


NORMALS_FAULTS = [
    ("7,165,", "8,165,", ["month 8 stands twice", "month 7 is missing"]),
    ("7,165,29,33,25,80,4.8\n", "", ["month 7 is missing"]),
    ("7,165,", "13,165,", ["13 is no month", "month 7 is missing"]),
    ("7,165,29,33,25", "7,165,35,33,25", ["row 9", "not in this order"]),
    ("7,165,29,33,25", "7,165,29,25,33", ["row 9", "not in this order"]),
    ("7,165,", "7,sunny,", ["row 9", "ghi_kwh_m2", "'sunny' is not a number"]),
    ("7,165,", "7,,", ["row 9", "ghi_kwh_m2", "missing"]),
    ("7,165,", "7,390,", ["month 7", "outside the atmosphere"]),
    ("7,165,", "7,5400,", ["row 9", "5400 is outside 0 to 400"]),
    ("80,4.8", "180,4.8", ["row 9", "180 is outside 1 to 100"]),
    ("wind_speed_m_s", "wind", ["wind_speed_m_s", "is missing"]),
    ("7,165,29,33", "7,165,29,33,44,55,66", ["row 9", "10 columns where the header has 7"]),
]


@pytest.mark.parametrize(("old", "new", "words"), NORMALS_FAULTS, ids=lambda v: v[-1] if isinstance(v, list) else "")
def test_bad_normals(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    path = tmp_path / "normals.csv"
    assert old in NORMALS
    path.write_text(NORMALS.replace(old, new, 1), encoding="utf-8")
    found, findings = read(path)
    text = "\n".join(map(str, findings.errors))
    assert found is None
    assert all(error.remedy for error in findings.errors)
    for word in words:
        assert word in text


def test_normals_need_a_place(tmp_path: Path) -> None:
    path = tmp_path / "normals.csv"
    path.write_text(NORMALS, encoding="utf-8")
    assert "does not say its latitude" in the_error(path, WeatherOptions(longitude_deg=121.9))
    found, findings = read(path, WeatherOptions(latitude_deg=29.8, longitude_deg=121.9))
    assert found is not None
    assert found[0]["utc_offset_h"].iloc[0] == 8.0
    assert {fault.level for fault in findings} == {"note"}


def pvgis_text(offset_h: float | None = 0.5) -> str:
    """Return a PVGIS year of Ningbo in UTC whose irradiance holds in mid-hour."""
    site = pd.DataFrame(
        {"latitude_deg": [29.8], "longitude_deg": [121.9], "altitude_m": [5.0], "utc_offset_h": [8.0]}, index=["site"]
    )
    values = pd.DataFrame([line.split(",") for line in NORMALS.splitlines()[2:]], dtype=float)
    normals = values.set_axis(NORMALS.splitlines()[1].split(","), axis=1).astype({"month": int}).set_index("month")
    year = generate_year(normals, site, 1).round(2)
    utc = {name: np.roll(year[name].to_numpy(), -8) for name in year.columns}
    lines = [
        f"{label:%Y%m%d:%H%M},{t},{rh},{g},{b},{d},300.0,{w},90.0,{p}"
        for label, t, rh, g, b, d, w, p in zip(
            pd.date_range("2018-01-01", periods=8760, freq="h"),
            *(utc[c] for c in ("temp_air", "relative_humidity", "ghi", "dni", "dhi", "wind_speed", "pressure")),
            strict=True,
        )
    ]
    head = ["Latitude (decimal degrees): 29.800", "Longitude (decimal degrees): 121.900", "Elevation (m): 5.0"]
    if offset_h is not None:
        head.append(f"Irradiance Time Offset (h): {offset_h}")
    months = ["month,year", *(f"{month},2018" for month in range(1, 13))]
    return "\n".join([*head, *months, "time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP", *lines, "", "T2m: x"])


def test_pvgis_is_rolled_to_local_time(tmp_path: Path, ningbo: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    path = tmp_path / "tmy.csv"
    path.write_text(pvgis_text(), encoding="utf-8")
    found, findings = read(path, WeatherOptions())
    assert found is not None
    assert not findings.faults
    plain = ningbo[1].round(2).assign(ghi_infrared=300.0)
    pd.testing.assert_frame_equal(found[1], plain, check_freq=False)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("20180101:0500", "yesterday", "is not a time"),
        ("G(h)", "G(i)", "column 'G(h)' is missing"),
        ("29.800", "north", "'north' is not a number"),
        ("20180101:0500", "20180101:0400", "stands twice"),
    ],
)
def test_bad_pvgis(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "tmy.csv"
    path.write_text(pvgis_text().replace(old, new, 1), encoding="utf-8")
    found, findings = read(path, WeatherOptions())
    assert found is None
    assert words in "\n".join(map(str, findings.errors))


def test_pvgis_csv_and_json_are_identical() -> None:
    folder = DATA / "pvgis_outputs"
    if not folder.exists():
        pytest.skip("the PVGIS files are not at hand")
    table, findings = read(folder / "tmy_45.000_8.000_2005_2023.csv", WeatherOptions())
    tree, _ = read(folder / "tmy_45.000_8.000_2005_2023.json", WeatherOptions())
    assert table is not None
    assert tree is not None
    assert not findings.errors
    pd.testing.assert_frame_equal(table[1], tree[1], check_exact=True)
    pd.testing.assert_frame_equal(table[0].drop(columns="source"), tree[0].drop(columns="source"))
    assert table[1]["ghi"].sum() / 1000.0 == pytest.approx(1435.9, abs=0.1)
    lonely, findings = read(folder / "tmy_45.000_8.000_userhorizon.json", WeatherOptions())
    assert lonely is None
    assert "does not say its latitude" in str(findings.errors[0])
    hourly, _ = read(folder / "pvgis_hourly_Timeseries_45.000_8.000_SA_30deg_0deg_2016_2016.csv", WeatherOptions())
    assert hourly is None


@pytest.mark.parametrize(
    ("name", "ghi_kwh", "closes"),
    [
        ("epw_shanghai/CHN_SH_Shanghai-Hongqiao.583670_TMYx.1956-2023.epw", 1471.0, 13.0),
        ("bestest_weather/725650TYCST.epw", None, 2.0),
        ("bestest_weather/DRYCOLDTMY.epw", None, 13.0),
    ],
)
def test_real_epws_close_at_mid_hour(name: str, ghi_kwh: float | None, closes: float) -> None:
    """In mid-hour GHI = DHI + DNI cos z, also where the file's irradiance belongs to the hour's beginning."""
    path = DATA / name
    if not path.exists():
        pytest.skip("the weather files are not at hand")
    found, findings = read(path, WeatherOptions())
    assert not findings.errors
    assert found is not None
    site, year = found
    if ghi_kwh is not None:
        assert year["ghi"].sum() / 1000.0 == pytest.approx(ghi_kwh, abs=1.0)
    zenith = sun_position(site, pd.DatetimeIndex(year.index))["zenith_deg"].to_numpy()
    left = year["ghi"] - year["dhi"] - year["dni"] * np.maximum(np.cos(np.radians(zenith)), 0.0)
    assert float(np.sqrt((left[year["ghi"] > 0.0] ** 2).mean())) < closes


def test_normals_with_another_countrys_clock_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "normals.csv"
    source = Path(str(files("layers").joinpath("meishan", "normals.csv")))
    path.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    findings = Findings()
    options = WeatherOptions(latitude_deg=29.8, longitude_deg=122.0, altitude_m=5.0, utc_offset_h=0.0)
    assert read_weather(path, options, findings) is None
    assert "time zone" in str(findings.errors[0])
