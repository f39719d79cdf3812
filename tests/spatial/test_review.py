"""The review: each status comes about as the rule says, and the strictest star level stands."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.errors import Findings
from layers.tables.review import REVIEW
from spatial.review import ReviewOptions, read_rules, review


def tables(**change: object) -> dict[str, pd.DataFrame]:
    rules = read_rules(None, Findings())
    assert rules is not None
    parcels = pd.DataFrame(
        {
            "landuse": ["R2", "A1", "B2", "A33", "M1", "G1"],
            "far": [2.0, 1.5, 3.0, 0.8, 1.2, 0.0],
            "building_density": [0.40, 0.3, 0.4, 0.25, 0.4, 0.0],
            "height_limit_m": [36.0, 30.0, 80.0, 20.0, 24.0, 0.0],
            "green_ratio": [0.35, 0.3, 0.25, 0.35, 0.2, 0.8],
            "phase_year": [2022, 2022, 2017, 2024, 2020, 2020],
            "assumed": "",
        },
        index=pd.Index(["p1", "p2", "p3", "p4", "p5", "p6"], name="parcel_id"),
    )
    archetypes = ["res_highrise", "office_gov", "office", "school", "factory_light"]
    stock = pd.DataFrame(
        {
            "parcel_id": parcels.index[:5],
            "archetype": archetypes,
            "floor_area_m2": 10_000.0,
            "roof_m2": 1_000.0,
        },
        index=pd.Index([f"{p}|{a}" for p, a in zip(parcels.index[:5], archetypes, strict=True)], name="stock_id"),
    )
    found = {
        "rules": rules,
        "parcels": parcels,
        "parcel_uses": pd.DataFrame({"parcel_id": parcels.index[:5], "archetype": archetypes, "share": 1.0}),
        "stock": stock,
        "pv_classes": pd.DataFrame({"surface": ["roof"]}, index=pd.Index(["flat"], name="pv_class")),
        "pv_parcels": pd.DataFrame(
            {"parcel_id": parcels.index[:5], "pv_class": "flat", "area_m2": [200.0, 600.0, 350.0, 300.0, 650.0]}
        ),
        "connections": pd.DataFrame({"network": ["cooling"], "parcel_id": ["p2"], "connected": [True]}),
        "parcel_account": pd.DataFrame(
            {"scenario": "near_zero", "year": 2030, "parcel_id": parcels.index[:5],
             "energy_mwh": [500.0, 800.0, 900.0, 300.0, 2_000.0],
             "site_mwh": [500.0, 600.0, 900.0, 300.0, 2_000.0]}
        ),
    }  # fmt: skip
    return found | change  # type: ignore[operator]


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return review(tables(), 2017, 2030, ReviewOptions()).set_index(["parcel_id", "rule_id"])


def test_keeps_its_contract(found: pd.DataFrame) -> None:
    assert REVIEW.faults(found.reset_index()) == []


def test_new_civil_buildings_must_state_a_star_level_and_offices_of_the_state_two(found: pd.DataFrame) -> None:
    stars = found[found["indicator"] == "star_level"]["required"].astype(float)
    assert stars.groupby("parcel_id").max().to_dict() == {"p1": 1.0, "p2": 2.0, "p4": 2.0}
    assert (found.loc[found["indicator"] == "star_level", "status"] == "condition").all()
    assert not stars.index.get_level_values("parcel_id").duplicated().any()


def test_factories_and_standing_buildings_have_no_star_level(found: pd.DataFrame) -> None:
    assert ("p5", "star_all") not in found.index
    assert ("p3", "star_all") not in found.index


def test_roof_shares_are_our_assumption_so_the_land_notice_must_state_them(found: pd.DataFrame) -> None:
    # the share is assumed by archetype and says nothing of the building, be it above or below the floor
    for row, required, value in (
        (("p2", "roof_pv_gov"), ">= 0.5", "0.6"),
        (("p4", "roof_pv_public"), ">= 0.4", "0.3"),
        (("p5", "roof_pv_industry"), ">= 0.3", "0.65"),
    ):
        assert found.loc[row, ["status", "required", "value"]].tolist() == ["condition", required, value]
        chinese, english = found.loc[row, "evidence"].split(" / ")
        assert "假定" in chinese
        assert "assumed by archetype" in english


def test_no_land_is_transferred_where_buildings_stand() -> None:
    standing = tables()["parcels"].assign(phase_year=2017)
    found = review(tables(parcels=standing), 2017, 2030, ReviewOptions())
    assert found.groupby("parcel_id")["rule_id"].agg(list).to_dict() == {
        "p2": ["eui_office"],
        "p3": ["eui_business"],
        "p4": ["eui_school"],
    }
    assert set(found["stage"]) == {"operation"}


def test_standing_roofs_under_a_rule_of_operation_cannot_be_decided() -> None:
    rules = tables()["rules"]
    roof = rules[rules["indicator"] == "roof_pv_share"].assign(stage="operation", new_only="no")
    standing = tables()["parcels"].assign(phase_year=2017)
    roofs = review(tables(rules=roof, parcels=standing), 2017, 2030, ReviewOptions())
    assert len(roofs) > 0
    assert set(roofs["status"]) == {"not_decidable"}
    assert roofs["evidence"].str.contains("survey").all()
    assert (roofs["value"] != "").all()


def test_controls_the_plan_never_gave_are_not_judged(found: pd.DataFrame) -> None:
    parcels = tables()["parcels"]
    silent = review(tables(parcels=parcels.assign(assumed="far")), 2017, 2030, ReviewOptions())
    again = silent.set_index(["parcel_id", "rule_id"])
    row = again.loc[("p1", "res_far")]
    assert (row["status"], row["required"], row["value"]) == ("not_decidable", "<= 2.1", "")
    chinese, english = row["evidence"].split(" / ")
    assert "容积率" in chinese
    assert "建筑限高" not in chinese
    assert "Floor area ratio" in english.partition("not give")[2]
    for given in ("res_density", "res_green"):
        assert again.loc[("p1", given)].equals(found.loc[("p1", given)])
    # the height tells the class of a block, and with it all three limits
    low = review(
        tables(parcels=parcels.assign(assumed="height_limit_m;green_ratio")), 2017, 2030, ReviewOptions()
    ).set_index(["parcel_id", "rule_id"])
    for rule in ("res_density", "res_far", "res_green"):
        assert low.loc[("p1", rule), "status"] == "not_decidable"
        assert "Height limit" in low.loc[("p1", rule), "evidence"]
    assert "绿地率、建筑限高" in low.loc[("p1", "res_green"), "evidence"]
    assert "绿地率、" not in low.loc[("p1", "res_far"), "evidence"]
    assert REVIEW.faults(low.reset_index()) == []


def test_an_office_is_judged_alike_whether_its_cold_comes_from_the_network_or_its_own_chiller() -> None:
    # 72 kWh/m2 of electricity either way; delivered cold counted as it is would be 105 of at most 85
    twins = tables()["parcels"].assign(landuse="B2")
    account = tables()["parcel_account"].iloc[:2].assign(energy_mwh=[1_050.0, 720.0], site_mwh=720.0)
    connections = pd.DataFrame({"network": ["cooling"], "parcel_id": ["p1"], "connected": [True]})
    found = review(
        tables(parcels=twins, parcel_account=account, connections=connections), 2017, 2030, ReviewOptions()
    ).set_index(["parcel_id", "rule_id"])
    for twin in ("p1", "p2"):
        assert found.loc[(twin, "eui_business"), ["status", "value"]].tolist() == ["met", "72"]


def test_energy_use_is_held_against_the_benchmark(found: pd.DataFrame) -> None:
    assert found.loc[("p2", "eui_office"), "status"] == "met"  # 60 of 70
    assert found.loc[("p3", "eui_business"), "status"] == "not_met"  # 90 of 85
    assert found.loc[("p4", "eui_school"), "status"] == "not_decidable"


def test_research_is_no_school(found: pd.DataFrame) -> None:
    parcels = tables()["parcels"]
    parcels.loc["p4", "landuse"] = "A35"
    rules = review(tables(parcels=parcels), 2017, 2030, ReviewOptions()).set_index("parcel_id").loc["p4", "rule_id"]
    assert not {"eui_school", "roof_pv_public"} & set(rules)
    assert {"star_public", "solar_duty"} <= set(rules)
    assert {("p4", "eui_school"), ("p4", "roof_pv_public")} <= set(found.index)


def test_the_roof_rule_of_factories_spares_offices_and_shops() -> None:
    parcels = tables()["parcels"].assign(phase_year=2022, landuse=["B1", "B2", "W1", "B14", "M2", "G1"])
    found = review(tables(parcels=parcels), 2017, 2030, ReviewOptions())
    assert found.loc[found["rule_id"] == "roof_pv_industry", "parcel_id"].tolist() == ["p3", "p5"]


def test_blocks_are_held_against_their_height_class(found: pd.DataFrame) -> None:
    # 36 m: at most FAR 2.1 and density 0.30, at least 30 % green (GB 50180-2018 Table 4.0.2).
    shown = ["status", "required", "value", "unit"]
    assert found.loc[("p1", "res_far"), shown].tolist() == ["met", "<= 2.1", "2", "m2/m2"]
    assert found.loc[("p1", "res_density"), shown].tolist() == ["not_met", "<= 0.3", "0.4", "fraction"]
    assert found.loc[("p1", "res_green"), shown].tolist() == ["met", ">= 0.3", "0.35", "fraction"]


@pytest.mark.parametrize(
    ("height", "required", "zh", "en"),
    [
        (18.0, "<= 1.2", "建筑高度不超过18 m，1-3层", "up to 18 m, 1-3 storeys"),
        (18.5, "<= 1.6", "建筑高度不超过27 m，4-6层", "up to 27 m, 4-6 storeys"),
        (36.0, "<= 2.1", "建筑高度不超过36 m，7-9层", "up to 36 m, 7-9 storeys"),
        (54.0, "<= 2.8", "建筑高度不超过54 m，10-18层", "up to 54 m, 10-18 storeys"),
        (80.0, "<= 3.1", "建筑高度不超过80 m，19-26层", "up to 80 m, 19-26 storeys"),
        (100.0, "<= 3.1", "超过表中最高的80 m，按19-26层", "above the 80 m the table ends at, held as 19-26 storeys"),
    ],
)
def test_the_evidence_names_the_height_class(height: float, required: str, zh: str, en: str) -> None:
    parcels = tables()["parcels"].assign(height_limit_m=height)
    found = review(tables(parcels=parcels), 2017, 2030, ReviewOptions()).set_index(["parcel_id", "rule_id"])
    row = found.loc[("p1", "res_far")]
    assert row["required"] == required
    chinese, english = row["evidence"].split(" / ")
    assert zh in chinese
    assert en in english


def test_without_a_height_there_is_no_class_and_no_limit() -> None:
    parcels = tables()["parcels"].assign(assumed="height_limit_m")
    found = review(tables(parcels=parcels), 2017, 2030, ReviewOptions()).set_index(["parcel_id", "rule_id"])
    for rule in ("res_density", "res_far", "res_green"):
        row = found.loc[("p1", rule)]
        assert (row["status"], row["required"], row["value"]) == ("not_decidable", "", "")
        assert "storeys" not in row["evidence"]


def test_the_duty_to_connect_is_stated_where_the_network_reaches(found: pd.DataFrame) -> None:
    assert found.loc[("p2", "connect_duty"), "status"] == "condition"
    assert ("p1", "connect_duty") not in found.index


def test_every_row_has_its_clause_and_evidence(found: pd.DataFrame) -> None:
    assert (found["clause"] != "").all()
    assert found["evidence"].str.contains("[", regex=False).all()


def test_nothing_to_review_is_a_valid_answer() -> None:
    empty = {name: frame.iloc[:0] for name, frame in tables().items() if name != "rules"}
    made = review(tables(**empty), 2017, 2030, ReviewOptions())
    assert made.empty
    assert REVIEW.faults(made) == []


def test_faults_of_a_rules_table_are_all_told(tmp_path: Path) -> None:
    rules = read_rules(None, Findings())
    assert rules is not None
    bad = rules.reset_index().astype(object)
    bad.loc[1, "rule_id"] = bad.loc[0, "rule_id"]
    bad.loc[2, "indicator"] = "beauty"
    bad.loc[3, "threshold"] = np.nan
    bad.to_csv(tmp_path / "rules.csv", index=False)
    findings = Findings()
    assert read_rules(tmp_path / "rules.csv", findings) is None
    text = "\n".join(map(str, findings))
    for part in ("stands twice", "beauty", "threshold is not a number"):
        assert part in text
    assert read_rules(tmp_path / "none.csv", findings) is None


@pytest.mark.parametrize(
    ("rule", "change", "told"),
    [
        ("res_far", {"threshold": "2.1"}, "both a threshold and threshold_from"),
        ("res_far", {"threshold_from": "beauty_max"}, "unknown threshold_from 'beauty_max'"),
        ("res_far", {"threshold_from": ""}, "threshold is not a number"),
        ("res_far", {"sense": "states"}, "a limit of the height class is compared"),
        ("roof_pv_gov", {"new_only": "no"}, "no land is transferred where buildings stand"),
        ("eui_school", {"applies_to": "A3-B1"}, "cannot be read"),
        ("eui_school", {"applies_to": "A3-"}, "cannot be read"),
        ("eui_school", {"applies_to": ""}, "cannot be read"),
    ],
)
def test_a_fault_of_a_rule_is_told(tmp_path: Path, rule: str, change: dict[str, str], told: str) -> None:
    rules = tables()["rules"].astype(object)
    for column, value in change.items():
        rules.loc[rule, column] = value
    rules.to_csv(tmp_path / "rules.csv")
    findings = Findings()
    assert read_rules(tmp_path / "rules.csv", findings) is None
    assert [told in str(finding) for finding in findings] == [True]
    assert rule in str(next(iter(findings)))


def test_a_rules_table_may_take_codes_from_codes(tmp_path: Path) -> None:
    rules = tables()["rules"].astype(object)
    rules.loc["eui_school", "applies_to"] = "A3-A31-A35+A5-A51"
    rules.to_csv(tmp_path / "rules.csv")
    read = read_rules(tmp_path / "rules.csv", Findings())
    assert read is not None
    parcels = tables()["parcels"].assign(landuse=["A31", "A33", "A35", "A5", "A51", "A3"])
    found = review(tables(rules=read.loc[["eui_school"]], parcels=parcels), 2017, 2030, ReviewOptions())
    assert found["parcel_id"].tolist() == ["p2", "p4"]
