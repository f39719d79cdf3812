"""Reading what a planner edits: rows replace the package's, and every fault is named by file, row and column."""

from csv import DictReader
from importlib import resources
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from layers.errors import Findings
from layers.tables.balance import CARRIERS
from layers.tables.scenario import LIVES, MEASURES, TECHNOLOGY_USE, TREND
from layers.vector import Source
from spatial.scenario import COVERAGES, Scenario, ScenarioOptions, activity_of, read_scenario_tables
from spatial.scenario.reading import has_stock

BASE, END = 2017, 2040
YEARS = np.arange(BASE, END + 1)
DRIVERS = {"population": np.linspace(8e4, 3e5, len(YEARS)), "teu": np.linspace(3e6, 1.2e7, len(YEARS))}


def read(
    sources: dict[str, Source | None], options: ScenarioOptions | None = None
) -> tuple[dict[str, pd.DataFrame] | None, list[str]]:
    findings = Findings()
    options = ScenarioOptions() if options is None else options
    found = read_scenario_tables(sources, options, BASE, END, DRIVERS, findings, target_year=2030)
    return found, [str(fault) for fault in findings.errors]


def csv(folder: Path, name: str, text: str) -> Source:
    path = folder / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    return Source(path)


@pytest.fixture(scope="module")
def own() -> dict[str, pd.DataFrame]:
    found, faults = read({})
    assert faults == []
    assert found is not None
    return found


def test_the_packages_tables_keep_their_contracts(own: dict[str, pd.DataFrame]) -> None:
    contracts = {"trend": TREND, "technology_use": TECHNOLOGY_USE, "lives": LIVES, "measures": MEASURES}
    assert set(own) == set(contracts)
    for name, contract in contracts.items():
        assert contract.faults(own[name]) == [], name


def test_trends_sum_to_one_exactly(own: dict[str, pd.DataFrame]) -> None:
    trend = own["trend"]
    sums = trend[~trend["subject"].str.startswith(COVERAGES)].groupby(["subject", "year"])["share"].sum()
    np.testing.assert_allclose(sums, 1.0, rtol=0, atol=1e-12)


def test_a_heat_engine_gives_no_more_than_it_takes(own: dict[str, pd.DataFrame]) -> None:
    """First law: what CHP gives as electricity, with the useful heat or cold times its own demand, stays below gas."""
    use = own["technology_use"]
    first = use[use["year"] == BASE].set_index(["activity", "technology", "carrier"])["use_kwh"]
    gas, power = first["plant.heat", "chp", "natural_gas"], -first["plant.heat", "chp", "electricity"]
    assert power / gas == pytest.approx(0.42)
    assert (power + 1.0) / gas == pytest.approx(0.82)
    gas, power = first["plant.cold", "cchp", "natural_gas"], -first["plant.cold", "cchp", "electricity"]
    assert power / gas == pytest.approx(0.42, rel=1e-4)
    assert 1.0 / gas == pytest.approx(0.40 * 0.72, rel=1e-4)
    for branch in ("industry_light", "industry_general", "industry_heavy"):
        boiler = first[branch, "gas", "natural_gas"] * 0.95
        assert boiler / first[branch, "chp", "natural_gas"] == pytest.approx(0.40, rel=1e-4)
        assert boiler / first[branch, "biomass_boiler", "biomass"] == pytest.approx(0.86, rel=1e-4)
        assert boiler / first[branch, "heat_pump", "electricity"] == pytest.approx(5.0, rel=1e-4)


@pytest.mark.parametrize(
    ("branch", "kgce_per_10000_cny", "process"),
    [("industry_light", 60, 0.75), ("industry_general", 180, 0.88), ("industry_heavy", 400, 0.95)],
)
def test_what_factory_buildings_take_is_not_in_their_processes(
    own: dict[str, pd.DataFrame], branch: str, kgce_per_10000_cny: float, process: float
) -> None:
    """60 kgce / 0.1229 kgce/kWh x 100 (10,000 CNY in a million) x 0.75 = 36,615 kWh; 2.2 % less a year."""
    use = own["technology_use"].set_index(["activity", "technology", "carrier", "year"])["use_kwh"]
    for technology, carrier in (("electric", "electricity"), ("gas", "natural_gas")):
        for year in (2017, 2030):
            by_hand = kgce_per_10000_cny / 0.1229 * 100 * process * 0.978 ** (year - 2017)
            assert use[branch, technology, carrier, year] == pytest.approx(by_hand, rel=3e-3)


def test_what_buildings_take_without_a_choice_is_no_technology(own: dict[str, pd.DataFrame]) -> None:
    activities = set(own["technology_use"]["activity"])
    assert not {"lighting", "equipment", "ventilation"} & activities
    assert not {"grid", "district"} & set(own["technology_use"]["technology"])
    assert not {"district_heat", "district_cold"} & set(own["technology_use"]["carrier"])


def test_only_what_runs_on_surroundings_beats_one_kilowatt_hour_for_another(own: dict[str, pd.DataFrame]) -> None:
    use = own["technology_use"]
    heat = use[use["activity"].isin(["heating", "hot_water", "plant.heat"])]
    taken = heat.groupby(["activity", "technology", "year"]).agg(
        use=("use_kwh", "sum"), source=("heat_source", "first")
    )
    assert (taken.loc[taken["use"] < 0.99, "source"] != "").all()


def test_every_technology_with_a_share_takes_something_known(own: dict[str, pd.DataFrame]) -> None:
    use = own["technology_use"]
    known = set(zip(use["activity"], use["technology"], strict=True))
    pairs = own["trend"][["subject", "technology"]].drop_duplicates()
    for subject, technology in pairs.to_numpy():
        activity = activity_of(subject)
        assert activity is None or (activity, technology) in known, (subject, technology)


def test_subjects_whose_equipment_stays_have_a_life(own: dict[str, pd.DataFrame]) -> None:
    lives = own["lives"].set_index("subject")["median_a"]
    for subject in ("cars", "buses", "taxis", "trucks", "residential.heating", "service.cooling", "lamps"):
        assert 5.0 <= lives[subject] <= 20.0
    assert not {"industry_heavy", "pv.roof", "new_buildings", "port_handling.quay_crane"} & set(lives.index)


def test_a_planners_rows_replace_a_subject_as_a_whole(tmp_path: Path, own: dict[str, pd.DataFrame]) -> None:
    text = (
        "subject,technology,path,remark\n"
        'cars,battery,"s_curve(2017, 0.1, 2035, 0.9)",ours\n'
        'cars,gasoline,"s_curve(2017, 0.9, 2035, 0.1)",\n'
    )
    found, faults = read({"shares": csv(tmp_path, "shares", text)})
    assert faults == []
    assert found is not None
    share = found["trend"].set_index(["subject", "technology", "year"])["share"]
    assert share["cars", "battery", 2026] == pytest.approx(0.5)
    assert set(share["cars"].index.get_level_values("technology")) == {"battery", "gasoline"}
    others = found["trend"][found["trend"]["subject"] != "cars"].reset_index(drop=True)
    was = own["trend"][own["trend"]["subject"] != "cars"].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, was)


def test_a_planner_adds_a_technology_and_a_measure(tmp_path: Path) -> None:
    sources = {
        "shares": csv(tmp_path, "shares", "subject,technology,path\nindustry_heavy,coal,1\nindustry_heavy,kiln,0\n"),
        "technologies": csv(
            tmp_path, "technologies",
            "activity,technology,carrier,path\n"
            'industry_heavy,coal,coal,"follow(teu, 100, -0.5)"\n'
            'industry_heavy,kiln,electricity,"growth(2017, 150, -0.01, 2030)"\n',
        ),
        "measures": csv(
            tmp_path, "measures",
            "measure,zh,en,subject,technology,share,start_year,end_year,curve\n"
            "e_kiln,电窑炉,Electric kilns,industry_heavy,kiln,0.4,2020,2028,linear\n",
        ),
    }  # fmt: skip
    found, faults = read(dict(sources))
    assert faults == []
    assert found is not None
    use = found["technology_use"].set_index(["activity", "technology", "carrier", "year"])["use_kwh"]
    teu = DRIVERS["teu"]
    assert use["industry_heavy", "coal", "coal", END] == pytest.approx(100 * (teu[-1] / teu[0]) ** -0.5)
    assert use["industry_heavy", "kiln", "electricity", 2040] == pytest.approx(150 * 0.99**13)
    assert found["measures"]["measure"].tolist() == ["e_kiln"]
    assert found["measures"]["zh"].tolist() == ["电窑炉"]


def test_what_the_account_has_no_place_for_is_refused(tmp_path: Path) -> None:
    sources = {
        "shares": csv(tmp_path, "shares", "subject,technology,path\nkilns,coal,1\npv.rooff,installed,0.1\n"),
        "technologies": csv(tmp_path, "technologies", "activity,technology,carrier,path\nheatin,stove,coal,1\n"),
    }
    found, faults = read(dict(sources))
    assert found is None
    assert len(faults) == 3
    assert faults[0].startswith("shares.csv, row 2, column subject: unknown subject 'kilns'; use one of berth_calls")
    assert faults[1:] == [
        "shares.csv, row 3, column subject: unknown subject 'pv.rooff'; did you mean pv.roof?",
        "technologies.csv, row 2, column activity: unknown activity 'heatin'; did you mean heating?",
    ]


def test_a_planners_technology_replaces_all_its_carriers(tmp_path: Path, own: dict[str, pd.DataFrame]) -> None:
    text = (
        "activity,technology,carrier,path,heat_source\nplant.heat,chp,biomass,2.6,\nplant.heat,chp,electricity,-0.6,\n"
    )
    found, faults = read({"technologies": csv(tmp_path, "technologies", text)})
    assert faults == []
    assert found is not None
    use = found["technology_use"]
    chp = use[(use["activity"] == "plant.heat") & (use["technology"] == "chp")]
    assert sorted(chp["carrier"].unique()) == ["biomass", "electricity"]
    assert len(use) == len(own["technology_use"])


def test_a_workbook_does_as_well(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "份额"
    for row in (["subject", "technology", "path"], ["trucks", "diesel", 0.75], ["trucks", "battery", "25%"]):
        sheet.append(row)
    book.create_sheet("other").append(["x"])
    book.save(tmp_path / "plan.xlsx")
    found, faults = read({"shares": Source(tmp_path / "plan.xlsx", "份额")})
    # The measure for lorries still fits; LNG is gone.
    assert faults == []
    assert found is not None
    trucks = found["trend"][found["trend"]["subject"] == "trucks"]
    assert sorted(trucks["technology"].unique()) == ["battery", "diesel"]


@pytest.mark.parametrize(
    ("name", "rows", "parts"),
    [
        ("shares", 'cars,battery,0.3\ncars,gasoline,"interpolate(2017, 0.7, 2030, 0.6)"\n',
         ["shares.csv, row 2, column path", "shares of cars sum to 0.992308 in 2018", "correct rows 2, 3"]),
        ("shares", "cars,battery,1.4\ncars,gasoline,-0.4\n",
         ["row 2, column path: the share is 1.4 in 2017", "row 3, column path: the share is -0.4 in 2017"]),
        ("shares", "cars,battery,0.3\ncars,hydrogen,0.7\n",
         ["row 3, column technology: technology hydrogen of cars is without efficiency", "add activity cars"]),
        ("shares", "cars,battery,0.3\ncars,battery,0.7\n", ["shares.csv, row 3: cars, battery stands twice"]),
        ("shares", 'cars,battery,"interpolate(2020, 1, 2030, 1)"\n',
         ["row 2, column path", "begins in 2020 and leaves a gap from the base year 2017", "give its value in 2017"]),
        ("shares", "cars,battery,quick\n", ["row 2, column path: 'quick' is neither a number nor an expression"]),
        ("shares", 'cars,battery,"follow(ships, 1)"\n', ["there is no driver 'ships'; use one of population, teu"]),
        ("technologies", "heating,split_heat_pump,electric,0.4\n",
         ["technologies.csv, row 2, column carrier: unknown carrier 'electric'; did you mean electricity?"]),
        ("technologies", "heating,split_heat_pump,electricity,\n", ["row 2, column path: the cell is empty"]),
    ],
)  # fmt: skip
def test_faults_are_named_by_file_row_and_column(tmp_path: Path, name: str, rows: str, parts: list[str]) -> None:
    header = {"shares": "subject,technology,path\n", "technologies": "activity,technology,carrier,path\n"}[name]
    found, faults = read({name: csv(tmp_path, name, header + rows)})
    assert found is None
    text = "\n".join(faults)
    for part in parts:
        assert part in text


def test_an_unknown_heat_source_is_named(tmp_path: Path) -> None:
    text = "activity,technology,carrier,path,heat_source\nheating,lake_heat_pump,electricity,0.2,lake\n"
    _, faults = read({"technologies": csv(tmp_path, "technologies", text)})
    where = "technologies.csv, row 2, column heat_source"
    assert faults == [f"{where}: unknown heat source 'lake'; use one of air, ground, sea, waste_heat"]


def test_faults_of_all_tables_are_told_at_once(tmp_path: Path) -> None:
    sources = {
        "shares": csv(tmp_path, "shares", "subject,technology\ncars,battery\n"),
        "technologies": csv(tmp_path, "technologies", "activity,technology,carrier,path\ncars,battery,coke,1\n"),
        "measures": Source(tmp_path / "measure.csv"),
    }
    found, faults = read(dict(sources))
    assert found is None
    text = "\n".join(faults)
    for part in ("shares.csv, column path: column is missing", "unknown carrier 'coke'", "there is no such file"):
        assert part in text


A_NETWORK = "a network is not a technology of a building"


@pytest.mark.parametrize(
    ("name", "rows", "said"),
    [
        ("shares", "residential.cooling,split,0.7\nresidential.cooling,district,0.3\n",
         f"shares.csv, row 3, column technology: {A_NETWORK} (residential.cooling); use the measure district"),
        ("technologies", "heating,district,electricity,0.3\n",
         f"technologies.csv, row 2, column technology: {A_NETWORK} (heating); use the measure district"),
        ("technologies", "cooling,pipe,district_cold,1\n",
         f"technologies.csv, row 2, column technology: {A_NETWORK} (cooling); use the measure district"),
        ("shares", "retrofit,to_code2021,1\n",
         "shares.csv, row 2, column path: the retrofit rate is 1 in 2017, all older floor area in one year"),
        ("shares", 'retrofit,to_code2021,"interpolate(2017, 0.01, 2030, 1)"\n',
         "shares.csv, row 2, column path: the retrofit rate is 1 in 2030, all older floor area in one year"),
        ("shares", "retrofit,to_code2021,1.5\n",
         "shares.csv, row 2, column path: the share is 1.5 in 2017, not between 0 and 1"),
        ("measures", "r,retrofit,to_code2021,1,2020,linear\n",
         "measures.csv, row 2, column share: the retrofit rate is 1, all older floor area in one year"),
    ],
)  # fmt: skip
def test_what_would_be_read_as_something_else_is_refused(tmp_path: Path, name: str, rows: str, said: str) -> None:
    header = {
        "shares": "subject,technology,path\n",
        "technologies": "activity,technology,carrier,path\n",
        "measures": "measure,subject,technology,share,start_year,curve\n",
    }[name]
    found, faults = read({name: csv(tmp_path, name, header + rows)})
    assert found is None
    assert len(faults) == 1, faults
    assert faults[0].startswith(said)


@pytest.mark.parametrize("rate", [0.0, 0.5, 0.999])
def test_a_retrofit_rate_below_one_is_a_rate(tmp_path: Path, rate: float) -> None:
    found, faults = read({"shares": csv(tmp_path, "shares", f"subject,technology,path\nretrofit,to_code2021,{rate}\n")})
    assert faults == []
    assert found is not None


def test_a_scenario_is_not_called_like_a_measure(tmp_path: Path) -> None:
    options = ScenarioOptions(scenarios={"bau": Scenario(), "ev_cars": Scenario(measures=("*",))})
    _, faults = read({}, options)
    where = "study.toml, column scenarios.ev_cars"
    assert faults == [f"{where}: scenario ev_cars is called like a measure; give it another name"]
    own_measures = "measure,subject,technology,share,start_year,curve\ncars,cars,battery,0.5,2020,linear\n"
    assert read({"measures": csv(tmp_path, "measures", own_measures)}, options)[1] == []


LIVES_HEADER = "subject,median_a,shape\n"


def test_a_planners_lives_replace_add_and_take_away(tmp_path: Path, own: dict[str, pd.DataFrame]) -> None:
    text = f"{LIVES_HEADER}cars,8,3\nlamps,0,\nbuses,,4\nindustry_heavy,25,4.5\nplant.heat,,\n"
    found, faults = read({"lives": csv(tmp_path, "lives", text)})
    assert faults == []
    assert found is not None
    assert LIVES.faults(found["lives"]) == []
    lives, was = (table["lives"].set_index("subject") for table in (found, own))
    assert lives.T["cars"].tolist() == [8.0, 3.0]
    assert lives.T["industry_heavy"].tolist() == [25.0, 4.5]
    assert set(was.index) - set(lives.index) == {"lamps", "buses"}
    others = was.index.drop(["cars", "lamps", "buses"])
    pd.testing.assert_frame_equal(lives.loc[others], was.loc[others])
    for name in ("trend", "technology_use", "measures"):
        pd.testing.assert_frame_equal(found[name], own[name])


def test_no_life_at_all_is_a_table_without_rows(tmp_path: Path, own: dict[str, pd.DataFrame]) -> None:
    text = LIVES_HEADER + "".join(f"{subject},0,\n" for subject in own["lives"]["subject"])
    found, faults = read({"lives": csv(tmp_path, "lives", text)})
    assert faults == []
    assert found is not None
    assert LIVES.faults(found["lives"]) == []
    assert len(found["lives"]) == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("carts,8,4", "column subject: unknown subject 'carts'; did you mean cars?"),
        ("pv.roof,25,4", "column subject: pv.roof has no stock of equipment that turns over"),
        ("retrofit,25,4", "column subject: retrofit has no stock of equipment that turns over"),
        ("plant.heat,25,4", "column subject: plant.heat has no stock of equipment that turns over"),
        ("cars,long,4", "column median_a: 'long' is not a number"),
        ("cars,50%,4", "column median_a: '50%' is not a number"),
        ("cars,8,steep", "column shape: 'steep' is not a number"),
        ("cars,-8,4", "column median_a: -8 is negative"),
        ("cars,8,-4", "column shape: -4 is negative"),
        ("cars,8,", "column shape: 0 is not between 0.1 and 20"),
        ("cars,0.01,4", "column median_a: 0.01 is not between 0.1 and 60"),
        ("cars,200,4", "column median_a: 200 is not between 0.1 and 60"),
        ("taxis,5,4", "taxis stands twice"),
    ],
)
def test_faults_of_lives_are_named(tmp_path: Path, row: str, said: str) -> None:
    found, faults = read({"lives": csv(tmp_path, "lives", f"{LIVES_HEADER}taxis,7,6\n{row}\n")})
    assert found is None
    assert len(faults) == 1, faults
    assert faults[0].startswith("lives.csv, row 3")
    assert said in faults[0]


def test_faults_of_lives_are_told_at_once(tmp_path: Path) -> None:
    text = f"{LIVES_HEADER}carts,8,4\ncars,-8,x\n"
    _, faults = read({"lives": csv(tmp_path, "lives", text)})
    assert len(faults) == 3
    _, faults = read({"lives": csv(tmp_path, "lives", "subject,median_a\ncars,8\n")})
    assert faults == ["lives.csv, column shape: column is missing; the table has subject, median_a, shape"]


def test_every_life_of_the_package_is_of_something_with_a_stock(own: dict[str, pd.DataFrame]) -> None:
    assert all(map(has_stock, own["lives"]["subject"]))


def test_notes_of_measures_claim_no_result() -> None:
    text = resources.files("spatial.scenario").joinpath("measures.csv").read_text(encoding="utf-8")
    assert "runs in 2030" not in text
    assert "burns in 2030" not in text


def test_a_planners_measure_before_the_base_year_is_refused(tmp_path: Path) -> None:
    text = "measure,subject,technology,share,start_year,curve\nev,cars,battery,0.5,2010,linear\n"
    found, faults = read({"measures": csv(tmp_path, "measures", text)})
    assert found is None
    assert faults[0].startswith("measures.csv, row 2, column start_year: it starts in 2010, before the base year 2017")


def test_a_measure_for_a_technology_that_a_planner_took_out_is_refused(tmp_path: Path) -> None:
    found, faults = read({"shares": csv(tmp_path, "shares", "subject,technology,path\ncars,gasoline,1\n")})
    assert found is None
    assert any("unknown technology 'battery' of cars" in text for text in faults)


def test_every_carrier_of_the_package_is_known(own: dict[str, pd.DataFrame]) -> None:
    assert set(own["technology_use"]["carrier"]) <= set(CARRIERS)


def test_every_subject_and_technology_has_words_in_both_languages(own: dict[str, pd.DataFrame]) -> None:
    lines = resources.files("spatial.scenario").joinpath("words.csv").read_text(encoding="utf-8").splitlines()
    rows = list(DictReader(lines))
    words = {row["key"]: (row["zh"], row["en"]) for row in rows}
    assert len(words) == len(rows)
    assert all(all(pair) for pair in words.values())
    wanted = {f"subject.{name}" for name in own["trend"]["subject"]}
    wanted |= {f"technology.{name}" for table in ("trend", "technology_use") for name in own[table]["technology"]}
    # What buildings take without a choice: plain electricity, and what networks serve.
    wanted |= {"technology.grid", "technology.district"}
    assert wanted == set(words)
