from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.archetypes import WITHOUT_BUILDINGS, archetypes
from layers.errors import Findings
from layers.landuse import UnknownUse, landuse_table, read_crosswalk, resolve, write
from layers.tables.place import GROUPS

CODES = landuse_table().index.tolist()


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("R2", {"R2": 1.0}),
        ("r2", {"R2": 1.0}),
        ("R21", {"R2": 1.0}),
        ("B11", {"B1": 1.0}),
        ("A331", {"A33": 1.0}),
        ("S42", {"S4": 1.0}),
        ("U12", {"U1": 1.0}),
        ("Ｒ２", {"R2": 1.0}),
        ("R2/B1", {"R2": 0.5, "B1": 0.5}),
        ("R2+B1", {"R2": 0.5, "B1": 0.5}),
        ("R2、B1", {"R2": 0.5, "B1": 0.5}),
        ("B1B2", {"B1": 0.5, "B2": 0.5}),
        ("R2:0.7/B1:0.3", {"R2": 0.7, "B1": 0.3}),
        ("R2:70/B1:30", {"R2": 0.7, "B1": 0.3}),
        ("R2(70%)+B1(30%)", {"R2": 0.7, "B1": 0.3}),
        ("R2/B1:0.3", {"R2": 0.7, "B1": 0.3}),
        ("R2:0.5/B1:0.3/B2:0.2", {"R2": 0.5, "B1": 0.3, "B2": 0.2}),
        ("R21/R22", {"R2": 0.5, "R22": 0.5}),
        ("二类居住用地(R2)", {"R2": 1.0}),
        ("二类居住用地（R2）", {"R2": 1.0}),
        ("R2 二类居住用地", {"R2": 1.0}),
        ("二类居住用地", {"R2": 1.0}),
        ("070102", {"R2": 1.0}),
        ("70102", {"R2": 1.0}),
        ("70102.0", {"R2": 1.0}),
        ("0901", {"B1": 1.0}),
        ("090101", {"B1": 1.0}),
        ("090104", {"B14": 1.0}),
        ("1204", {"H23": 1.0}),
        ("0802", {"A35": 1.0}),
        ("0301", {"E23": 1.0}),
        ("05", {"E9": 1.0}),
        ("070102/0901", {"R2": 0.5, "B1": 0.5}),
        ("H14", {"H14": 1.0}),
        ("E2", {"E2": 1.0}),
        ("E21", {"E21": 1.0}),
        ("M0", {"M0": 1.0}),
    ],
)
def test_what_plans_write_is_understood(text: str, uses: dict[str, float]) -> None:
    assert dict(resolve(text)) == pytest.approx(uses)


def test_05_is_wetland_and_not_commerce() -> None:
    assert landuse_table().loc[resolve("0501")[0][0], "group"] == "E"


@pytest.mark.parametrize(
    ("text", "near"),
    [("R9", "R2"), ("Q1", ""), ("residential", ""), ("R2/X1", ""), ("", ""), ("99", ""), ("B", "B1"), ("nan", "")],
)
def test_unknown_codes_name_the_nearest(text: str, near: str) -> None:
    with pytest.raises(UnknownUse) as caught:
        resolve(text)
    assert near in " ".join(caught.value.nearest)


parts = st.lists(st.tuples(st.sampled_from(CODES), st.floats(0.01, 1.0)), min_size=1, max_size=5)


@settings(deadline=None, max_examples=200)
@given(parts)
def test_shares_sum_to_one_and_resolving_again_changes_nothing(mix: list[tuple[str, float]]) -> None:
    total = sum(share for _, share in mix)
    uses = resolve("/".join(f"{code}:{share / total}" for code, share in mix))
    assert sum(share for _, share in uses) == pytest.approx(1.0, abs=1e-9)
    assert {code for code, _ in uses} == {code for code, _ in mix}
    assert resolve(write(uses)) == uses


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(CODES), st.sampled_from(["", "1", "9", "a", "*"]), st.booleans())
def test_a_subclass_is_a_kind_of_its_class(code: str, more: str, small: bool) -> None:
    text = (code + more)[:4]
    ((found, share),) = resolve(text.lower() if small else text)
    assert found.startswith(code) or code.startswith(found)
    assert share == 1.0


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=12))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        uses = resolve(text)
    except UnknownUse:
        return
    assert sum(share for _, share in uses) == pytest.approx(1.0)


def test_every_class_is_complete() -> None:
    table = landuse_table()
    assert table.index.is_unique
    assert set(table["group"]) == set(GROUPS)
    assert table["far"].between(table["far_low"], table["far_high"]).all()
    assert table["building_density"].between(0, 1).all()
    assert table["green_ratio"].between(0, 1).all()
    assert (table["building_density"] + table["green_ratio"] <= 1.0).all()
    built = table["far"] > 0
    assert (table.loc[built, ["building_density", "height_limit_m"]] > 0).all().all()
    known = {*archetypes(), *WITHOUT_BUILDINGS}
    assert set(table["archetype"]) <= known
    assert table["colour"].str.fullmatch("#[0-9a-f]{6}").all()
    assert (table["source"].str.len() > 10).all()
    assert table["confidence"].isin(["verified", "standard", "assumption"]).all()


def test_published_residential_controls() -> None:
    # GB 50180-2018 table 4.0.2, climate zones III to V, high-rise class I: density <= 22 %, height <= 54 m
    row = landuse_table().loc["R2"]
    assert row["building_density"] <= 0.22
    assert row["height_limit_m"] == 54
    assert 1.3 <= row["far"] <= 3.1


def test_the_table_cannot_be_spoilt() -> None:
    table = landuse_table()
    table.loc["R2", "far"] = 99.0
    assert landuse_table().loc["R2", "far"] != 99.0


def test_a_crosswalk_explains_another_coding(tmp_path: Path) -> None:
    path = tmp_path / "osm.csv"
    path.write_text(
        "code,landuse,share\nResidential,R2,\nmixed,R2,0.7\nmixed,B1,0.3\n居住,R1,\n05,B1,\n", encoding="gb18030"
    )
    findings = Findings()
    crosswalk = read_crosswalk(path, findings)
    assert not findings.faults
    assert resolve("residential", crosswalk) == (("R2", 1.0),)
    assert dict(resolve("MIXED", crosswalk)) == pytest.approx({"R2": 0.7, "B1": 0.3})
    assert resolve("05", crosswalk) == (("B1", 1.0),)
    assert dict(resolve("居住/B1", crosswalk)) == pytest.approx({"R1": 0.5, "B1": 0.5})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ["missing"]),
        ("", ["columns code and landuse"]),
        ("a,b\n1,2\n", ["columns code and landuse"]),
        ("code,landuse\nx,R9\ny,Q7\n", ["line 2", "R9", "nearest", "R2", "line 3", "Q7"]),
        ("code,landuse,share\nx,R2,much\n", ["line 2", "share", "much", "0 to 1"]),
    ],
)
def test_a_faulty_crosswalk_is_told(tmp_path: Path, content: str | None, words: list[str]) -> None:
    path = tmp_path / "my.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    findings = Findings()
    assert read_crosswalk(path, findings) is None
    said = "\n".join(map(str, findings.errors))
    for word in ["my.csv", *words]:
        assert word in said
