"""The command line: run, roofs, new, check, doctor, schema."""

import json
import shutil
import sys
import time
import traceback
from enum import StrEnum
from importlib import metadata, resources
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from layers.errors import Fault, InputError

OURS, DONE, THEIRS = 1, 0, 2
PACKAGES = ("layers", "resources", "spatial")
SCHEMA = "study.schema.json"
COLOURS = {"error": "red", "warning": "yellow", "note": "dim"}

app = typer.Typer(
    name="nearzero",
    help="Plan near-zero-carbon zones on a map. 近零：在地图上规划近零碳排放区。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
screen = Console(stderr=True, highlight=False, soft_wrap=True)

StudyPath = Annotated[Path | None, typer.Argument(help="study.toml or its folder; without it, the embedded Meishan")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output")]


class Hourly(StrEnum):
    """How the electricity system is solved."""

    TYPICAL = "typical"
    FULL = "full"
    OFF = "off"


class FlatLayout(StrEnum):
    """How modules lie on flat roofs."""

    SOUTH = "south"
    EAST_WEST = "east_west"
    FLUSH = "flush"


def embedded_study() -> Path:
    """Return the folder of the study that comes with the package."""
    return Path(str(resources.files("layers"))) / "meishan"


def _tell(faults: list[Fault]) -> None:
    for fault in faults:
        colour = COLOURS[fault.level]
        screen.print(f"[{colour}]{fault.level}[/{colour}] ", end="")
        screen.print(str(fault), markup=False)


def _as_dicts(faults: list[Fault]) -> list[dict[str, Any]]:
    names = ("level", "source", "row", "column", "problem", "remedy")
    return [{name: getattr(fault, name) for name in names} for fault in faults]


def _refuse(error: InputError, *, as_json: bool) -> typer.Exit:
    faults = list(error.faults)
    if as_json:
        print(json.dumps({"ok": False, "faults": _as_dicts(faults)}, ensure_ascii=False))  # noqa: T201 - the answer
    else:
        _tell(faults)
        screen.print(f"[red]{len(faults)} fault(s) to mend; there are no new results.[/red]")
    return typer.Exit(THEIRS)


@app.command()
def run(
    study_path: StudyPath = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results; out/<name> unless given")] = None,
    hourly: Annotated[
        Hourly | None, typer.Option("--hourly", help="Hours solved: typical days, the full year, or off")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a study: read, check, compute, and write maps, tables and layers."""
    started = time.perf_counter()
    from spatial.run import run_study  # noqa: PLC0415 - the command line answers before the libraries are loaded
    from spatial.study import effective_switches, read_study  # noqa: PLC0415

    try:
        study = read_study(study_path or embedded_study())
        if hourly is not None:
            study = study.model_copy(update={"hourly": study.hourly.model_copy(update={"mode": hourly.value})})
        folder = out or Path("out") / study.study.name
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
            console=screen, transient=True, disable=as_json,
        ) as bar:  # fmt: skip
            task = bar.add_task("reading inputs", total=None)
            done = run_study(
                study,
                folder,
                lambda name, number, total: bar.update(task, description=name, completed=number, total=total),
            )
    except InputError as error:
        raise _refuse(error, as_json=as_json) from None
    if as_json:
        stages = [{"name": name, "ran": name in done.ran, "seconds": round(s, 3)} for name, s in done.seconds.items()]
        content = {"ok": True, "study": study.study.name, "out": str(done.out), "map": str(done.map),
                   "seconds": round(time.perf_counter() - started, 2), "stages": stages,
                   "faults": _as_dicts(list(done.faults))}  # fmt: skip
        print(json.dumps(content, ensure_ascii=False))  # noqa: T201 - the answer
        return
    _tell(list(done.faults))
    switches = ", ".join(f"{name}={value}" for name, value in effective_switches(study).model_dump(mode="json").items())
    screen.print(f"switches: {switches}", markup=False)
    if study.study.illustrative:
        screen.print(f"illustrative, not real data: {', '.join(study.study.illustrative)}", markup=False)
    screen.print(f"{len(done.ran)} of {len(done.seconds)} stages ran in {time.perf_counter() - started:.1f} s")
    print(done.map.resolve())  # noqa: T201 - the answer


@app.command()
def roofs(
    surface: Annotated[Path, typer.Argument(help="Raster of heights with roofs")],
    buildings: Annotated[str, typer.Argument(help="Footprints; file#layer names a layer in a file")],
    weather: Annotated[Path, typer.Argument(help="EPW or PVGIS typical year")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results")] = Path("out/roofs"),
    terrain: Annotated[Path | None, typer.Option("--terrain", help="Coarser raster of the hills around")] = None,
    layout: Annotated[FlatLayout, typer.Option("--layout", help="How modules lie on flat roofs")] = FlatLayout.SOUTH,
    as_json: AsJson = False,
) -> None:
    """Put plants on the roofs of a surface model, without a study."""
    started = time.perf_counter()
    from layers.vector import Source  # noqa: PLC0415
    from resources.rooftop.layout import LayoutOptions  # noqa: PLC0415
    from resources.rooftop.surveyed import SurveyOptions  # noqa: PLC0415
    from spatial.survey import SurveyInputs, survey_roofs  # noqa: PLC0415

    path, _, layer = buildings.partition("#")
    inputs = SurveyInputs(surface, Source(Path(path), layer or None), weather, terrain)
    try:
        done = survey_roofs(inputs, out, SurveyOptions(layout=LayoutOptions(flat_layout=layout.value)))
    except InputError as error:
        raise _refuse(error, as_json=as_json) from None
    plants = done.roofs.plants
    sums = {
        "buildings": len(plants),
        "mwp": float(plants["kwp"].sum()) / 1000.0,
        "gwh": float(plants["mwh"].sum()) / 1000.0,
    }
    if as_json:
        content = {"ok": True, "out": str(out), **sums, "faults": _as_dicts(list(done.faults))}
        print(json.dumps(content, ensure_ascii=False))  # noqa: T201 - the answer
        return
    _tell(list(done.faults))
    screen.print(
        f"{sums['buildings']} buildings carry {sums['mwp']:.2f} MWp that give {sums['gwh']:.2f} GWh a year; "
        f"{time.perf_counter() - started:.1f} s"
    )
    print(out.resolve())  # noqa: T201 - the answer


@app.command()
def check(study_path: StudyPath = None, as_json: AsJson = False) -> None:
    """Check all inputs of a study in seconds, telling every fault at once."""
    from spatial.pipeline import check_inputs  # noqa: PLC0415
    from spatial.study import read_study  # noqa: PLC0415

    try:
        findings = check_inputs(read_study(study_path or embedded_study()))
        findings.raise_errors()
    except InputError as error:
        raise _refuse(error, as_json=as_json) from None
    if as_json:
        print(json.dumps({"ok": True, "faults": _as_dicts(findings.faults)}, ensure_ascii=False))  # noqa: T201
        return
    _tell(findings.faults)
    screen.print("[green]All inputs are sound.[/green]")


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder to make")]) -> None:
    """Copy the embedded study to start from."""
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        fault = Fault(str(folder), "is there already and not empty", "give a new folder")
        raise _refuse(InputError([fault]), as_json=False)
    from spatial.study import study_schema  # noqa: PLC0415

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(embedded_study().iterdir()):
            if path.is_file() and path.suffix != ".py":
                shutil.copyfile(path, folder / path.name)
        # Editors that know TOML find the schema by this line.
        toml = folder / "study.toml"
        toml.write_text(f"#:schema {SCHEMA}\n{toml.read_text(encoding='utf-8')}", encoding="utf-8")
        text = json.dumps(study_schema(), indent=1, ensure_ascii=False)
        (folder / SCHEMA).write_text(text, encoding="utf-8")
    except OSError as error:
        fault = Fault(str(folder), f"cannot be made: {error.strerror}", "give a folder that can be written")
        raise _refuse(InputError([fault]), as_json=False) from None
    screen.print(f"Edit {folder / 'study.toml'}, then: nearzero run {folder}", markup=False)


@app.command()
def schema() -> None:
    """Print the JSON schema of the study file, for editors."""
    from spatial.study import study_schema  # noqa: PLC0415

    print(json.dumps(study_schema(), indent=1, ensure_ascii=False))  # noqa: T201 - the answer


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Tell versions, file drivers and clashes of names."""
    import pyogrio  # noqa: PLC0415
    import rasterio  # noqa: PLC0415

    owners = metadata.packages_distributions()
    clashes = {
        name: sorted(set(owners.get(name, [])) - {"nearzero"}) for name in PACKAGES if find_spec(name) is not None
    }
    clashes = {name: others for name, others in clashes.items() if others}
    drivers = pyogrio.list_drivers()
    content = {
        "python": sys.version.split()[0],
        "nearzero": metadata.version("nearzero"),
        "libraries": {name: metadata.version(name) for name in ("folium", "geopandas", "numpy", "pandas", "pvlib")},
        "gdal": {"vector": pyogrio.__gdal_version_string__, "raster": rasterio.__gdal_version__},
        "drivers": {name: name in drivers for name in ("GPKG", "ESRI Shapefile", "GeoJSON", "OpenFileGDB")},
        "clashes": clashes,
        "ok": not clashes,
    }
    if as_json:
        print(json.dumps(content, ensure_ascii=False))  # noqa: T201 - the answer
    else:
        for name, value in content.items():
            screen.print(f"{name}: {value}", markup=False)
        for name, others in clashes.items():
            remedy = "install nearzero into an environment of its own"
            screen.print(f"[red]the name {name} also belongs to {', '.join(others)}: {remedy}[/red]")
    raise typer.Exit(OURS if clashes else DONE)


def _our_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show a bug of ours with its trace, and say whose fault it is."""
    traceback.print_exception(kind, error, trace)
    screen.print("[red]This is a fault of nearzero, not of your input.[/red] Please report it with the lines above.")


def main() -> None:
    """Run the command line; a bug of ours ends with exit code 1 and says so."""
    sys.excepthook = _our_fault
    # Not app(): that would put typer's own hook in place of ours.
    typer.main.get_command(app)()


if __name__ == "__main__":
    main()
