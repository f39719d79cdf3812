// One planning unit: energy by carrier and CO2 by sector 2017-2030, both scenarios, and its five largest parcels.
const P = nz.data.parcels;
nz.bothScenarios = () => [nz.base, nz.state.compared].filter((key, place, all) => all.indexOf(key) === place);

// Rows by name of one unit, or of the whole zone where no unit is named.
nz.balanceRows = (kind, scenario, unit) => {
  const table = (nz.data.balance[kind] || {})[scenario] || {};
  const found = {};
  for (const [id, rows] of Object.entries(table)) {
    if (unit !== undefined && id !== unit) continue;
    for (const [key, values] of Object.entries(rows)) {
      found[key] = found[key] ? found[key].map((value, place) => value + values[place]) : values;
    }
  }
  return found;
};
nz.ordered = (kind, unit) => {
  const size = {};
  for (const scenario of nz.bothScenarios()) {
    for (const [key, values] of Object.entries(nz.balanceRows(kind, scenario, unit))) size[key] = (size[key] || 0) + values.reduce((a, b) => a + Math.abs(b), 0);
  }
  return Object.keys(size).sort((a, b) => size[b] - size[a] || (a < b ? -1 : 1));
};
nz.stackFor = (kind, unit, title, unitName, id) => nz.chartStack({
  title, unit: unitName, id, order: nz.ordered(kind, unit),
  groups: nz.bothScenarios().map((key) => ({ name: nz.scenarioName(key), rows: nz.balanceRows(kind, key, unit) })),
});

// What trees and soil take up in the year shown; whether it is subtracted is a switch of the study.
nz.sinkLine = (unit) => {
  const table = nz.data.sinks[nz.shown()];
  if (!table) return null;
  const sum = Object.entries(table).filter(([id]) => unit === undefined || id === unit).reduce((total, [, values]) => total + values[nz.yearIndex()], 0);
  return sum ? nz.h("dl", {}, nz.line(`${nz.t("sinks")} · ${nz.state.year}`, ...nz.amount(sum, "t"), nz.kindOf("assumed", "parcels"), "sinks")) : null;
};

// CO2 by scope of one unit, or of the zone, in the year and scenario shown.
nz.scopeLines = (unit, names) => names.filter((name) => (nz.data.scopes[name] || {})[nz.shown()]).map((name) => {
  const rows = nz.data.scopes[name][nz.shown()];
  const sum = Object.entries(rows).filter(([id]) => unit === undefined || id === unit).reduce((total, [, values]) => total + values[nz.yearIndex()], 0);
  return nz.line(nz.t(name), ...nz.amount(sum, "t"), nz.kindOf("assumed", "parcels gdp"), name);
});

const members = (id) => P.id.map((_, place) => place).filter((place) => P.units[P.unit[place]] === id);

const largestParcels = (id) => {
  const scenario = nz.shown();
  const co2 = nz.column("co2_t", nz.state.year, scenario);
  const values = co2 && co2.length ? co2 : P.static.area_m2;
  const unit = co2 && co2.length ? "t" : "m²";
  const top = members(id).filter((place) => values[place] > 0).sort((a, b) => values[b] - values[a]).slice(0, 5);
  const light = (place) => nz.set({ light: (other) => other === place });
  const dark = () => nz.set({ light: null });
  return nz.h("ol", { class: "nz-top", "data-testid": "largest" }, top.map((place, rank) =>
    nz.h("li", {}, nz.h("button", { type: "button", "data-focus": `top-${rank}`, onclick: () => nz.showParcel(place), onmouseenter: () => light(place), onmouseleave: dark, onfocus: () => light(place), onblur: dark },
      nz.h("i", { style: { background: (nz.data.landuse[P.codes[P.code[place]]] || [0, 0, "#ccc"])[2] } }),
      nz.h("span", {}, P.name[place] || P.id[place]), nz.h("b", {}, nz.withUnit(values[place], unit))))));
};

nz.cards.unit = {
  kicker: () => nz.t("unit"),
  title: () => nz.name(nz.data.units, nz.data.units.id.indexOf(nz.state.unit)),
  body: () => {
    const id = nz.state.unit;
    const place = nz.data.units.id.indexOf(id);
    const index = nz.yearIndex();
    const parcels = members(id);
    const sum = (rows) => (rows ? parcels.reduce((total, parcel) => total + (rows[parcel] || 0), 0) : null);
    const people = P.static[nz.state.year === nz.firstYear ? "population_base" : "population_target"];
    const ends = nz.state.year === nz.firstYear || nz.state.year === nz.lastYear;
    const account = nz.data.balance.co2_t;
    const rows = [
      nz.line(nz.t("area"), ...nz.amount(nz.data.units.area_m2 ? nz.data.units.area_m2[place] : sum(P.static.area_m2), "m²"), nz.kindOf("measured", "units"), "area_m2"),
      nz.line(nz.t("parcels"), nz.count(parcels.length), "", nz.kindOf("statutory", "parcels"), "parcels"),
      people && ends ? nz.line(nz.t("population"), nz.count(sum(people)), nz.t("persons"), nz.kindOf("assumed", "people parcels"), "population") : null,
      ...(account ? nz.bothScenarios().map((key) => nz.line(`${nz.t("co2")} · ${nz.scenarioName(key)}`, ...nz.amount(nz.unitValue(id, "co2_t", key, index), "t"), nz.kindOf("assumed", "parcels gdp"), `co2-${key}`)) : []),
      ...nz.scopeLines(id, ["scope1_t", "scope2_t"]),
      P.static.pv_mwh ? nz.line(nz.t("pv.potential"), ...nz.amount(sum(P.static.pv_mwh), "MWh"), nz.kindOf("assumed", "parcels"), "pv_mwh") : null,
    ];
    return [
      nz.section(`${nz.t("section.now")} · ${nz.state.year}`, nz.h("dl", {}, rows)),
      account ? nz.section(nz.t("section.carbon"), nz.stackFor("co2_t", id, nz.t("chart.co2.sector"), "t", "chart-unit-co2"), nz.sinkLine(id)) : null,
      nz.data.balance.energy_mwh ? nz.section(nz.t("section.energy"), nz.stackFor("energy_mwh", id, nz.t("chart.energy.carrier"), "MWh", "chart-unit-energy")) : null,
      nz.supplySection(id),
      nz.section(nz.t("largest"), largestParcels(id)),
      nz.kinds(),
    ];
  },
};
