"""Layouts of random districts: who joins, plants, routes and sizes, with the distance to the bound that serves them."""

import json
import sys
from pathlib import Path

from measure import measure

sys.path.append(str(Path(__file__).parents[1] / "validation"))
from district_exact import random_district
from spatial.networks.layout import cost_bound_cny, lay_out, yearly_cny

for consumers in (60, 300, 1000):
    district = random_district(1, consumers, "cooling", forced=True)
    found = []
    measure(
        "network layout",
        {"consumers": consumers},
        lambda found=found, district=district: found.append(lay_out(district)),
    )
    layout = found[-1]
    cost = yearly_cny(district, layout) + float(district.candidates.worth_cny[layout.joined].sum())
    quality = {
        "joined": int(layout.joined.sum()),
        "plants": len(layout.sites),
        "bound_over_cost": round(cost_bound_cny(district, layout.joined) / cost, 4),
    }
    sys.stdout.write(json.dumps({"workload": "layout quality", **quality}) + "\n")
