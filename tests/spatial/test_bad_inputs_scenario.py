"""Bad tables, scenarios and limits of the account: one clear message each, exit code 2, and no result touched."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from spatial.cli import app
from spatial.run import Run, run_study
from spatial.scenario import parse_path
from spatial.study import read_study

Spoil = Callable[[Path], None]

HEADERS = {
    "shares": "subject,technology,path",
    "technologies": "activity,technology,carrier,path",
    "measures": "measure,subject,technology,share,start_year,curve",
    "costs": "subject,technology,unit,catalogue,capex_cny,life_a",
}


def added(text: str) -> Spoil:
    """Add lines to the study file."""

    def spoil(study: Path) -> None:
        path = study / "study.toml"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")

    return spoil


def before_inputs(text: str) -> Spoil:
    """Add lines to the first part of the study file."""

    def spoil(study: Path) -> None:
        path = study / "study.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("[inputs]", f"{text}\n[inputs]"), encoding="utf-8")

    return spoil


def named(study: Path, inputs: Mapping[str, str]) -> None:
    """Name planner's tables among the inputs."""
    path = study / "study.toml"
    lines = "".join(f'{name} = "{file}"\n' for name, file in inputs.items())
    path.write_text(path.read_text(encoding="utf-8").replace("[weather]", f"{lines}\n[weather]"), encoding="utf-8")


def table(name: str, *rows: str, header: str = "") -> Spoil:
    """Give the study a planner's table as CSV file."""

    def spoil(study: Path) -> None:
        (study / f"my_{name}.csv").write_text("\n".join((header or HEADERS[name], *rows)) + "\n", encoding="utf-8")
        named(study, {name: f"my_{name}.csv"})

    return spoil


Case = tuple[Spoil, tuple[str, ...]]

TABLES: dict[str, Case] = {
    "shares that do not sum to one": (
        table("shares", "residential.cooking,electric_stove,0.5", "residential.cooking,gas_stove,0.4"),
        ("my_shares.csv, row 2, column path", "residential.cooking sum to 0.9 in 2017", "correct rows 2, 3"),
    ),
    "shares that do not sum to one in a later year": (
        table("shares", 'cars,battery,"interpolate(2017, 0.1, 2030, 0.6)"', 'cars,gasoline,"constant(0.9)"'),
        ("my_shares.csv, row 2", "cars sum to 1.03846 in 2018"),
    ),
    "share above one": (
        table("shares", "pv.roof,installed,1.2"),
        ("my_shares.csv, row 2, column path", "share is 1.2 in 2017"),
    ),
    "technology without efficiency": (
        table("shares", "cars,battery,0.1", "cars,gasoline,0.7", "cars,fuel_cell,0.2"),
        ("my_shares.csv, row 4, column technology", "fuel_cell of cars is without efficiency", "technologies table"),
    ),
    "network as a technology of buildings": (
        table("shares", "residential.cooling,split,0.7", "residential.cooling,district,0.3"),
        ("my_shares.csv, row 3, column technology", "a network is not a technology", "use the measure district"),
    ),
    "retrofit of all in a year": (
        table("shares", "retrofit,to_code2021,1"),
        ("my_shares.csv, row 2, column path", "the retrofit rate is 1 in 2017", "below 1"),
    ),
    "measure that retrofits all in a year": (
        table("measures", "all,retrofit,to_code2021,1,2020,linear"),
        ("my_measures.csv, row 2, column share", "the retrofit rate is 1", "measure all", "below 1"),
    ),
    "gap in a path": (
        table("shares", 'pv.roof,installed,"interpolate(2020, 0.1, 2030, 0.5)"'),
        ("my_shares.csv, row 2, column path", "begins in 2020", "give its value in 2017"),
    ),
    "unknown expression": (
        table("shares", 'cars,battery,"interpolat(2017, 0.1, 2030, 0.5)"', "cars,gasoline,0.9"),
        ("my_shares.csv, row 2, column path", "unknown expression 'interpolat'", "interpolate"),
    ),
    "path in words": (
        table("technologies", "cars,battery,electricity,little"),
        ("my_technologies.csv, row 2, column path", "'little' is neither a number nor an expression"),
    ),
    "path of years that do not rise": (
        table("shares", 'wind.sea,installed,"step(2025, 0, 2017, 1)"'),
        ("my_shares.csv, row 2, column path", "do not rise"),
    ),
    "path that follows an unknown driver": (
        table("technologies", 'cars,battery,electricity,"follow(poplation, 0.15)"'),
        ("my_technologies.csv, row 2, column path", "'poplation'", "population"),
    ),
    "unknown subject": (
        table("shares", "residential.coking,electric_stove,1"),
        ("my_shares.csv, row 2, column subject", "'residential.coking'", "did you mean residential.cooking?"),
    ),
    "unknown coverage": (
        table("shares", "pv.rooff,installed,0.1"),
        ("my_shares.csv, row 2, column subject", "'pv.rooff'", "did you mean pv.roof?"),
    ),
    "unknown activity": (
        table("technologies", "car,battery,electricity,0.15"),
        ("my_technologies.csv, row 2, column activity", "'car'", "did you mean cars?"),
    ),
    "unknown carrier": (
        table("technologies", "cars,battery,electrcity,0.15"),
        ("my_technologies.csv, row 2, column carrier", "'electrcity'", "did you mean electricity?"),
    ),
    "technology that makes energy of nothing": (
        table("technologies", "cars,battery,electricity,-0.15"),
        ("my_technologies.csv, row 2, column path", "battery of cars gives more energy than it takes in 2017"),
    ),
    "row twice": (
        table("technologies", "cars,battery,electricity,0.15", "cars,battery,electricity,0.16"),
        ("my_technologies.csv, row 3", "stands twice"),
    ),
    "column missing": (
        table("shares", "cars,battery", header="subject,technology"),
        ("my_shares.csv, column path", "column is missing"),
    ),
    "measure before the base year": (
        table("measures", "ev,cars,battery,0.9,2010,linear"),
        ("my_measures.csv, row 2, column start_year", "2010, before the base year 2017", "shares of that year"),
    ),
    "measure of an unknown subject": (
        table("measures", "ev,carts,battery,0.9,2020,linear"),
        ("my_measures.csv, row 2, column subject", "'carts'", "did you mean cars?"),
    ),
    "measure of an unknown technology": (
        table("measures", "ev,cars,batery,0.9,2020,linear"),
        ("my_measures.csv, row 2, column technology", "'batery' of cars", "did you mean battery?"),
    ),
    "measure of more than all": (
        table("measures", "ev,cars,battery,90,2020,linear"),
        ("my_measures.csv, row 2, column share", "90 is not between 0 and 1"),
    ),
    "measure in one curve too many": (
        table("measures", "ev,cars,battery,0.9,2020,scurve"),
        ("my_measures.csv, row 2, column curve", "'scurve'", "did you mean s_curve?"),
    ),
    "measure that ends before it starts": (
        table("measures", "ev,cars,battery,0.9,2020,linear,2019", header=f"{HEADERS['measures']},end_year"),
        ("my_measures.csv, row 2, column end_year", "2019, not after its start in 2020"),
    ),
    "two measures on one technology": (
        table("measures", "ev,cars,battery,0.9,2020,linear", "more_ev,cars,battery,1,2025,linear"),
        ("scenarios.near_zero", "both ev and more_ev for battery of cars", "take one of them"),
    ),
    "measures that together bring more than all": (
        table("measures", "up,trucks,battery,0.7,2020,linear", "gas,trucks,lng,0.6,2020,linear"),
        ("scenarios.near_zero", "up, gas", "trucks to 1.3 in sum"),
    ),
    "negative cost": (
        table("costs", "cars,battery,km/a,,-5,12"),
        ("my_costs.csv, row 2, column capex_cny", "-5 is negative"),
    ),
    "unknown key of the catalogue": (
        table("costs", "pv.roof,installed,kWp,pv_roftop_ci,,"),
        ("my_costs.csv, row 2, column catalogue", "'pv_roftop_ci'", "did you mean 'pv_rooftop_ci'?"),
    ),
    "cost of an unknown technology": (
        table("costs", "cars,batery,km/a,,5,12"),
        ("my_costs.csv, row cars|batery", "does not have", "did you mean 'cars|battery'?"),
    ),
    "cost of another unit": (
        table("costs", "cars,battery,vehicle,,120000,12"),
        ("my_costs.csv, row cars|battery, column unit", "is per vehicle, the account counts km/a"),
    ),
    "technology without cost": (
        lambda study: (
            table("shares", "cars,battery,0.1", "cars,gasoline,0.7", "cars,fuel_cell,0.2")(study),
            table("technologies", "cars,fuel_cell,natural_gas,0.3")(study),
        )[0],
        ("row cars|fuel_cell", "has no cost", "inputs.costs"),
    ),
}  # fmt: skip

STUDIES: dict[str, Case] = {
    "scenarios in a circle": (
        added('[scenarios.bau]\ninherits = "high"\n[scenarios.high]\ninherits = "bau"'),
        ("scenarios.bau", "inherits itself by way of high", "break the circle"),
    ),
    "unknown measure": (
        added('[scenarios.bau]\n[scenarios.high]\ninherits = "bau"\nmeasures = ["ev_car"]'),
        ("scenarios.high", "unknown measure 'ev_car'", "did you mean ev_cars?"),
    ),
    "without what is not inherited": (
        added('[scenarios.bau]\n[scenarios.high]\ninherits = "bau"\nwithout = ["ev_cars"]'),
        ("scenarios.high", "leaves out ev_cars, which it does not inherit"),
    ),
    "calibration of an unknown carrier": (
        added("[balance.calibration.totals]\nelectrcity = 5000.0"),
        ("balance.calibration.totals.electrcity", "'electrcity'", "'electricity'"),
    ),
    "calibration of an unknown sector": (
        added('[balance.calibration.totals]\n"servce.electricity" = 5000.0'),
        ("balance.calibration.totals.servce.electricity", "'servce'", "'service'"),
    ),
    "calibration below zero": (
        added("[balance.calibration.totals]\nelectricity = -1.0"),
        ("balance.calibration.totals.electricity", "-1", ">= 0"),
    ),
    "calibration of parts above the whole": (
        added('[balance.calibration.totals]\nelectricity = 50.0\n"service.electricity" = 60.0'),
        ("balance.calibration.totals.electricity", "50 MWh, less than service.electricity together (60)"),
    ),
    "hourly year outside the account": (
        added("[hourly]\nyears = [2030, 2035]"), ("hourly.years", "2035", "2017 to 2030")
    ),
    "hourly years without the target year": (
        added("[hourly]\nyears = [2025]"), ("column hourly.years", "the target year 2030 is not among 2025", "add 2030")
    ),
    "scenario of no short name": (
        added('[scenarios."近零"]'), ("column scenarios.近零", "other characters than A-Z", "such as near_zero")
    ),
    "scenario of a reserved name": (
        added("[scenarios.base_year]"), ("column scenarios.base_year", "'base_year' is reserved", "another name")
    ),
    "scenario called like a measure": (
        added("[scenarios.pv_roof]"), ("column scenarios.pv_roof", "is called like a measure", "another name")
    ),
    "unknown tariff": (added('[hourly]\ntariff = "zhejiang"'), ("hourly.tariff", "'zhejiang'", "zhejiang_2026")),
    "unknown generator": (
        added('[hourly]\nexpand = ["pv_rooftop"]'), ("hourly.expand", "'pv_rooftop'", "'pv_roof'")
    ),
    "no typical day": (added("[hourly]\ntypical_days = 0"), ("hourly.typical_days", "greater than or equal to 1")),
    "end before target": (
        before_inputs("end_year = 2025"),
        ("study.end_year", "2025 is before target year 2030"),
    ),
}  # fmt: skip

CASES = TABLES | STUDIES


def refused(study: Path, out: Path) -> list[str]:
    """Run a study that must be refused, and return the faults it is told."""
    done = CliRunner().invoke(app, ["run", str(study), "--out", str(out)])
    assert done.exit_code == 2, (done.output, done.exception)
    assert "Traceback" not in done.output
    return [line for line in done.output.splitlines() if line.startswith("error ")]


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.replace(" ", "_"))
def test_one_message_says_it_before_anything_is_computed(kind: str, small_study: Path, tmp_path: Path) -> None:
    spoil, parts = CASES[kind]
    spoil(small_study)
    faults = refused(small_study, tmp_path / "out")
    assert len(faults) == 1, faults
    for part in parts:
        assert part in faults[0], faults[0]
    assert not (tmp_path / "out").exists()


SHEETS = {
    "份额": (HEADERS["shares"], "residential.cooking,electric_stove,0.5", "residential.cooking,gas_stove,0.4"),
    "技术": (HEADERS["technologies"], "cars,battery,electrcity,0.15", "cars,gasoline,gasoline,lots"),
    "措施": (HEADERS["measures"], "ev,cars,battery,0.9,2010,linear", "tram,light_rail,used,0.1,2020,curved"),
    "成本": (HEADERS["costs"], "cars,battery,km/a,,-5,12"),
}
TOLD = (
    "plan.xlsx#份额, row 2, column path: shares of residential.cooking sum to 0.9",
    "plan.xlsx#技术, row 2, column carrier: unknown carrier 'electrcity'",
    "plan.xlsx#技术, row 3, column path: 'lots' is neither a number nor an expression",
    "plan.xlsx#措施, row 2, column start_year: it starts in 2010",
    "plan.xlsx#措施, row 3, column curve: unknown curve 'curved'",
    "plan.xlsx#成本, row 2, column capex_cny: -5 is negative",
)


def workbook(study: Path) -> None:
    """Give the study all planner's tables as sheets of one workbook, numbers as numbers."""
    book = openpyxl.Workbook()
    for title, rows in SHEETS.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(
                [float(cell) if cell.lstrip("-").replace(".", "").isdigit() else cell for cell in row.split(",")]
            )
    book.remove(book.worksheets[0])
    book.save(study / "plan.xlsx")
    named(study, {name: f"plan.xlsx#{title}" for name, title in zip(HEADERS, SHEETS, strict=True)})


@pytest.mark.parametrize("command", ["run", "check"])
def test_faults_of_all_sheets_of_a_workbook_are_told_at_once(command: str, small_study: Path, tmp_path: Path) -> None:
    workbook(small_study)
    into = ["--out", str(tmp_path / "out")] if command == "run" else []
    done = CliRunner().invoke(app, [command, str(small_study), *into])
    assert done.exit_code == 2, (done.output, done.exception)
    assert sum(line.startswith("error ") for line in done.output.splitlines()) == len(TOLD), done.output
    for part in TOLD:
        assert part in done.output, done.output
    assert not (tmp_path / "out").exists()


def test_a_sheet_that_is_not_there_is_told(small_study: Path, tmp_path: Path) -> None:
    workbook(small_study)
    path = small_study / "study.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("plan.xlsx#措施", "plan.xlsx#措旋"), encoding="utf-8")
    faults = refused(small_study, tmp_path / "out")
    assert any("there is no sheet '措旋'" in fault and "did you mean 措施?" in fault for fault in faults), faults


TWO_DAYS = "typical_days = 2"
FEW = f"\n[hourly]\n{TWO_DAYS}\n"

FOUND_ON_THE_WAY: dict[str, tuple[str, tuple[str, ...]]] = {
    "cap that cannot be kept": (
        f"{TWO_DAYS}\nco2_cap_t = 0.001",
        ("hourly, row bau 2030", "a cap of 0.001 t CO2 cannot be kept, the least possible is", "hourly.co2_cap_t"),
    ),
    "import that cannot do": (
        f"{TWO_DAYS}\nimport_limit_mw = 0.01",
        (
            "hourly, row bau 2030",
            "cannot be met, the first at 2030-",
            "import of zone at its limit 0.01 MW",
            "hourly.import_limit_mw",
        ),
    ),
    "energy that nobody uses": (
        f'{TWO_DAYS}\n[balance.calibration.totals]\n"transport.coal" = 10.0',
        ("balance.calibration.totals.transport.coal", "which the model has none of"),
    ),
}


@pytest.fixture(scope="module")
def finished(small_study_master: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("before")
    study = Path(shutil.copytree(small_study_master, folder / "study"))
    added(FEW)(study)
    return run_study(read_study(study), folder / "out")


def contents(out: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and ".store" not in path.parts}


@pytest.mark.parametrize("kind", FOUND_ON_THE_WAY, ids=lambda kind: kind.replace(" ", "_"))
def test_what_only_the_run_can_find_costs_nothing_of_the_last_one(
    kind: str, small_study: Path, finished: Run, tmp_path: Path
) -> None:
    text, parts = FOUND_ON_THE_WAY[kind]
    out = Path(shutil.copytree(finished.out, tmp_path / "out"))
    before = contents(out)
    sound = (small_study / "study.toml").read_text(encoding="utf-8") + FEW
    (small_study / "study.toml").write_text(sound.replace(TWO_DAYS, text), encoding="utf-8")
    faults = "\n".join(refused(small_study, out))
    for part in parts:
        assert part in faults, faults
    assert contents(out) == before
    (small_study / "study.toml").write_text(sound, encoding="utf-8")
    again = run_study(read_study(small_study), out)
    assert again.ran == ()
    assert contents(out).keys() == before.keys()


README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_study_keys_that_the_readme_shows_are_sound(small_study: Path) -> None:
    examples = [part.partition("```")[0] for part in README.split("```toml\n")[1:]]
    assert any("[scenarios.bau]" in example for example in examples)
    # the parcels that README names are those of the embedded study
    added(re.sub(r'"[A-Z]{2}\d{2}-[A-Z]-\d{4}"', '"P10"', "\n".join(examples)))(small_study)
    done = CliRunner().invoke(app, ["check", str(small_study)])
    assert done.exit_code == 0, done.output


def test_the_paths_that_the_readme_shows_can_be_read() -> None:
    shown = re.findall(r"^\| `([a-z_]+\(.*?\))` \|", README, re.MULTILINE)
    kinds = {parse_path(text).kind for text in shown}
    assert kinds == {"constant", "interpolate", "growth", "step", "s_curve", "follow"}
