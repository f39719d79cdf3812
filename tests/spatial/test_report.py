"""Every output of a run, written from small made-up tables and opened again."""

import csv
import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio

from spatial import report
from spatial.report.csvfiles import write_csv
from spatial.report.headers import both
from spatial.report.hourly import zone_hours
from spatial.report.parcels import parcel_results, unit_results

CRS = "EPSG:4550"
X0 = 400_000.0
WriteAll = Callable[[dict[str, pd.DataFrame], Path], list[Path]]


def test_two_runs_give_the_same_bytes(
    tables: dict[str, pd.DataFrame], folder: Path, tmp_path: Path, write_all: WriteAll
) -> None:
    again = tmp_path / "second"
    files = write_all(tables, again)
    assert len(files) > 20
    for path in files:
        name = path.relative_to(again)
        first, second = (hashlib.sha256(p.read_bytes()).hexdigest() for p in (folder / name, path))
        assert first == second, name


def test_tables_are_left_as_they_were(tables: dict[str, pd.DataFrame], tmp_path: Path, write_all: WriteAll) -> None:
    before = {name: frame.copy() for name, frame in tables.items()}
    write_all(tables, tmp_path / "out")
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(tables[name]))


def test_csv_states_units_in_its_second_row(folder: Path) -> None:
    with (folder / "tables" / "balance.csv").open(encoding="utf-8-sig", newline="") as stream:
        names, units, first, *_ = csv.reader(stream)
    by_name = dict(zip(names, units, strict=True))
    assert by_name["energy_mwh"] == "MWh"
    assert by_name["co2_t"] == "t"
    assert by_name["sector"] == ""
    assert first[names.index("energy_mwh")] == "100"
    assert not (folder / "tables" / "pv_profiles.csv").exists()


def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_are_not(tmp_path: Path) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]
    harmless = ["", "A-1", "'=1", " =1", "x\r=1", "1", "地块"]
    frame = pd.DataFrame(
        {
            "name": pd.array([*hostile, *harmless], dtype="str"),
            "landuse": pd.Categorical([*hostile, *harmless]),
            "unit_id": pd.array([*hostile, *harmless[:-1], None], dtype="object"),
            "co2_t": -1.5,
            "order": -2,
            "met": True,
        },
        index=pd.Index([*hostile, *harmless], name="parcel_id"),
    )
    before = frame.copy(deep=True)
    write_csv(frame, tmp_path / "hostile.csv")
    pd.testing.assert_frame_equal(frame, before)
    with (tmp_path / "hostile.csv").open(encoding="utf-8-sig", newline="") as stream:
        _, _, *rows = csv.reader(stream)
    # a bare carriage return would end the row, and what follows it would stand in a cell of its own
    quoted = [text.replace("\r", "\n") for text in [*(f"'{text}" for text in hostile), *harmless]]
    by_column = [list(values) for values in zip(*rows, strict=True)]
    assert by_column[:3] == [quoted, quoted, quoted]
    assert by_column[3] == [*quoted[:-1], ""]
    assert set(zip(*by_column[4:], strict=True)) == {("-1.5", "-2", "True")}


def test_parcels_say_which_controls_were_assumed(folder: Path) -> None:
    with (folder / "tables" / "parcels.csv").open(encoding="utf-8-sig", newline="") as stream:
        names, _, first, *_ = csv.reader(stream)
    assert first[names.index("assumed")] == "far;green_ratio"
    assert "按默认值取的指标" in both("assumed")


def test_parcels_carry_their_results(tables: dict[str, pd.DataFrame], meta: report.RunMeta) -> None:
    parcels = parcel_results(tables, meta)
    assert parcels is not None
    assert len(parcels) == 3
    first = parcels.set_index("parcel_id").loc["P1"]
    assert first["pv_kwp"] == 300.0
    assert first["heating_base_mwh"] == 1.0
    assert first["heating_target_mwh"] == 2.0
    assert (first["co2_base_t"], first["co2_bau_target_t"], first["co2_near_zero_target_t"]) == (5.0, 9.0, 2.0)
    assert (first["scope1_near_zero_target_t"], first["scope2_near_zero_target_t"]) == (1.5, 0.5)
    assert first["heating_connected"]
    assert (first["review_met"], first["review_not_met"], first["review_not_decidable"]) == (1, 1, 0)


def test_units_sum_their_parcels_and_the_account(tables: dict[str, pd.DataFrame], meta: report.RunMeta) -> None:
    units = unit_results(tables, meta)
    assert units is not None
    assert units["parcels"].tolist() == [2, 1]
    assert units["pv_kwp"].sum() == 350.0
    balance = tables["balance"]
    target = balance[(balance["scenario"] == "bau") & (balance["year"] == 2030)]
    assert units["co2_bau_target_t"].sum() == pytest.approx(target["co2_t"].sum(), rel=1e-12)


def test_the_geopackage_holds_layers_crs_and_styles(folder: Path) -> None:
    path = folder / "layers.gpkg"
    layers = {name for name, _ in pyogrio.list_layers(path)}
    spatial = {"parcels", "units", "zone", "pipes", "stations", "turbines", "wind_cells", "density"}
    assert layers == spatial | {"layer_styles"}
    for name in spatial:
        info = pyogrio.read_info(path, layer=name)
        assert info["crs"] == CRS, name
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT f_table_name, styleName, styleQML, useAsDefault, f_geometry_column FROM layer_styles"
        ).fetchall()
        columns = {
            row[0]: row[1] for row in connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        }
        dates = {row[0] for row in connection.execute("SELECT last_change FROM gpkg_contents")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {row[0] for row in rows} == spatial
    assert all(columns[row[0]] == row[4] for row in rows)
    for name in spatial:
        assert sum(row[3] for row in rows if row[0] == name) == 1, name
    assert dates == {"2000-01-01T00:00:00Z"}
    for _, _, qml, _, _ in rows:
        root = ET.fromstring(qml)  # noqa: S314 - our own text
        renderer = root.find("renderer-v2")
        assert renderer is not None
        assert renderer.find("symbols") is not None


def test_land_use_is_coloured_as_on_planning_sheets(folder: Path) -> None:
    from layers.landuse import landuse_table

    with closing(sqlite3.connect(folder / "layers.gpkg")) as connection:
        (qml,) = connection.execute("SELECT styleQML FROM layer_styles WHERE styleName = 'landuse'").fetchone()
    root = ET.fromstring(qml)  # noqa: S314 - our own text
    categories = {item.attrib["value"]: item.attrib["symbol"] for item in root.iter("category")}
    assert set(categories) == {"R2", "M1", "E12"}
    colour = str(landuse_table().loc["R2", "colour"])
    expected = ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"
    symbol = next(item for item in root.iter("symbol") if item.attrib["name"] == categories["R2"])
    assert expected in {option.attrib["value"] for option in symbol.iter("Option") if option.get("name") == "color"}


def test_wind_cells_keep_all_their_reasons(folder: Path) -> None:
    cells = gpd.read_file(folder / "layers.gpkg", layer="wind_cells").set_index("cell_id")
    assert cells.loc[2, "reasons"] == "depth;channel"
    assert cells.geometry.area.tolist() == pytest.approx([250_000.0] * 6)


def test_rasters_open_with_unit_and_place(folder: Path) -> None:
    with rasterio.open(folder / "rasters" / "heating_density.tif") as raster:
        assert raster.crs.to_epsg() == 4550
        assert raster.units == ("kWh/m2",)
        values = raster.read(1, masked=True)
        assert values[0, 1] == pytest.approx(50.0)  # 500 MWh on 10,000 m2
        assert values.mask[0, 0]
    with rasterio.open(folder / "rasters" / "sea_depth.tif") as raster:
        assert raster.bounds.left == X0 - 1000.0
        assert raster.read(1, masked=True).mask[0, 2]


def test_hours_of_the_zone_are_profiles_times_weights(
    tables: dict[str, pd.DataFrame], folder: Path, meta: report.RunMeta
) -> None:
    hours = zone_hours(tables, meta)
    assert hours is not None
    profile = tables["demand_profiles"]["office|tower|code2010|heating"]
    assert np.allclose(hours["heating_base_kw"], profile * 20.0)
    assert np.allclose(hours["heating_target_kw"], profile * 30.0)
    assert hours["wind_potential_kw"].sum() / 1000 == pytest.approx(24_000.0)
    stored = pd.read_parquet(folder / "hourly" / "zone_demand.parquet")
    assert len(stored) == 8760
    assert str(stored["time"].dt.tz) == "Etc/GMT-8"


def test_the_manifest_names_every_file_with_its_hash(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    outputs = {row["path"]: row for row in manifest["outputs"]}
    assert set(outputs) == {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {
        "manifest.json"
    }
    for name, row in outputs.items():
        content = (folder / name).read_bytes()
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert row["bytes"] == len(content)


def test_what_the_run_noticed_stands_on_the_page_and_in_the_manifest(folder: Path) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "parcels.gpkg: far &lt;2&gt; is high; look" in page
    assert "wind: no wind" in page
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["told"]
    assert [one["level"] for one in told] == ["warning", "note"]


def test_the_index_page_escapes_and_needs_no_network(folder: Path) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "net of sinks &lt;b&gt;" in page
    assert "OpenStreetMap contributors &lt;i&gt;" in page
    links = page.replace("http://www.w3.org/2000/svg", "")
    assert "http:" not in links
    assert "https:" not in links
    assert page.count("<svg") == 16  # eight pictures in two languages
    assert "0.86 吨/人" in page
    assert "0.86 t a head" in page
    assert 'href="layers.gpkg"' in page


def test_the_index_page_tells_readings_and_why_targets_hold_or_not(folder: Path) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "2030 CO2 falls below the 2017 level by 12 kt." in page
    assert "for diesel of ships stays. &lt;b&gt;" in page
    assert "GDP × 4, people × 3" in page
    assert page.count('class="mark met">✓</span>') == 14  # of 24, in a table of eight readings and three targets
    assert "window.evil=3</script>" not in page
    assert "economic near-zero point" in page
    assert "after 2030: assumptions" in page


def test_parcels_and_units_carry_the_embodied_carbon(tables: dict[str, pd.DataFrame], meta: report.RunMeta) -> None:
    parcels, units = parcel_results(tables, meta), unit_results(tables, meta)
    assert parcels is not None
    assert units is not None
    own = tables["embodied"].query("scenario == 'bau'")
    assert parcels["embodied_bau_target_t"].sum() == pytest.approx(own["co2_t"].sum())
    assert units["embodied_bau_target_t"].sum() == pytest.approx(own["co2_t"].sum())
    assert units["scope1_bau_target_t"].sum() + units["scope2_bau_target_t"].sum() == pytest.approx(
        units["co2_bau_target_t"].sum()
    )


def test_the_dispatch_is_written_with_its_unit(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    schema = pq.read_schema(folder / "hourly" / "dispatch.parquet")
    assert set(schema.names) == {"time", *tables["dispatch"].columns}
    assert schema.field("near_zero|2030|zone|pv_roof").metadata[b"unit"] == b"MW"
    assert not (folder / "tables" / "dispatch.csv").exists()


def test_an_old_run_with_few_tables_is_still_reported(
    tables: dict[str, pd.DataFrame], tmp_path: Path, write_all: WriteAll
) -> None:
    files = write_all({"parcels": tables["parcels"], "pipes": tables["pipes"].iloc[:0]}, tmp_path / "few")
    names = {path.name for path in files}
    assert {"parcels.csv", "balance.xlsx", "layers.gpkg", "index.html", "manifest.json"} <= names
    write_all({}, tmp_path / "none")
