// The zone: where it stands against its targets, its path, and what moves it.
const D = nz.data;

const indicator = (name, scenario) => {
  const row = D.indicators[name];
  const values = row && (row.values[scenario] || Object.values(row.values)[0]);
  return values ? values[nz.yearIndex()] : null;
};
// Shares are said in percent, amounts in the unit that fits, ratios with their own unit.
const PARTS = new Set(["%", "fraction", "share", "1"]);
const targetUnit = (row) => (PARTS.has(row.unit) || nz.scale(row.unit, 1e5).divisor !== 1 ? "" : nz.unitText(row.unit));
const targetValue = (value, unit) => {
  if (value === null) return "–";
  if (PARTS.has(unit)) return nz.percent(unit === "%" ? value / 100 : value);
  return nz.scale(unit, 1e5).divisor === 1 ? nz.number(value) : nz.withUnit(value, unit);
};
const sense = (row) => (row.sense === "<=" ? "≤" : "≥");

// "2030 near zero: 0.86 t a head, target <= 1.0"
nz.stateLine = () => {
  const { year, scenario } = nz.state;
  const { target: name, indicator: key } = D.meta.headline;
  const target = D.targets.find((row) => row.target === name && row.scenario === nz.plan) || D.targets.find((row) => row.target === name);
  const total = (key) => Object.values(nz.balanceRows("co2_t", key)).reduce((sum, row) => sum + row[nz.yearIndex()], 0);
  if (scenario === "difference") {
    if (!D.balance.co2_t) return "";
    const saved = total(nz.plan) - total(nz.base);
    const share = total(nz.base) ? saved / total(nz.base) : 0;
    return `${year} ${nz.scenarioName("difference")}: ${nz.withUnit(saved, "t")} CO₂ (${nz.percent(share)})`;
  }
  const value = key ? indicator(key, scenario) : null;
  if (value === null || value === undefined || !target) {
    return D.balance.co2_t ? `${year} ${nz.scenarioName(scenario)}: ${nz.withUnit(total(scenario), "t")} CO₂` : "";
  }
  const words = D.texts[`state.${name}`] ? nz.t(`state.${name}`) : `${nz.term(name)} {value} ${targetUnit(target)}, ${nz.t("target")} {limit}`;
  const said = words.replace("{value}", targetValue(value, target.unit)).replace("{limit}", `${sense(target)} ${targetValue(target.limit, target.unit)}`);
  return `${year} ${nz.scenarioName(scenario)}: ${said}`;
};

const targetTable = () => {
  const scenario = nz.state.scenario === nz.base ? nz.base : nz.plan;
  const rows = D.targets.filter((row) => row.scenario === scenario);
  if (!rows.length) return null;
  return nz.section(`${nz.t("section.targets")} · ${nz.lastYear} · ${nz.scenarioName(scenario)}`,
    nz.h("table", { class: "nz-targets", "data-testid": "targets" },
      nz.h("thead", {}, nz.h("tr", {}, ["indicator", "value", "target", "slack"].map((key) => nz.h("th", { scope: "col" }, nz.t(`col.${key}`))))),
      nz.h("tbody", {}, rows.map((row) => nz.h("tr", { class: row.met ? "met" : "not_met", title: row.definition[nz.side()] || null },
        nz.h("th", { scope: "row" }, nz.h("i", { role: "img", "aria-label": nz.t(row.met ? "status.met" : "status.not_met") }, row.met ? "✓" : "✗"), nz.h("span", {}, nz.term(row.target), nz.h("em", {}, targetUnit(row)))),
        nz.h("td", {}, targetValue(row.value, row.unit)), nz.h("td", {}, `${sense(row)} ${targetValue(row.limit, row.unit)}`), nz.h("td", {}, targetValue(row.slack, row.unit)))))));
};

const zoneSums = (key) => Object.values(nz.balanceRows("co2_t", key)).reduce((all, row) => all.map((value, place) => value + row[place]), nz.years.map(() => 0));
const path = () => {
  if (!D.balance.co2_t) return null;
  const series = nz.bothScenarios().map((key) => ({ name: nz.scenarioName(key), colour: D.colours[key] || D.colours.unit, dashed: key === nz.base, values: zoneSums(key) }));
  return nz.chartLines({ title: nz.t("chart.path"), series, unit: "t", id: "chart-path", limit: { value: series[0].values[0], name: `${nz.firstYear}: ${nz.withUnit(series[0].values[0], "t")}` } });
};

// Population, GDP and CO2 on one axis, first year = 100: whether growth and emissions part ways.
const growth = () => {
  const rows = [["population", D.drivers.population, D.colours.residential], ["gdp", Object.entries(D.drivers).filter(([name]) => name.startsWith("gdp")).map(([, values]) => values)[0], D.ramps.sun[3]]];
  const known = rows.filter(([, values]) => values && values[0] > 0);
  if (!known.length || !D.balance.co2_t) return null;
  const index = (values) => values.map((value) => (value === null ? null : (100 * value) / values[0]));
  const series = known.map(([key, values, colour]) => ({ name: nz.t(key), colour, values: index(values) }));
  const scenario = nz.state.scenario === nz.base ? nz.base : nz.plan;
  series.push({ name: `CO₂ ${nz.scenarioName(scenario)}`, colour: D.colours[scenario] || D.colours.unit, values: index(zoneSums(scenario)) });
  return nz.chartLines({ title: nz.t("chart.growth"), series, unit: `${nz.firstYear} = 100`, id: "chart-growth" });
};

const duration = () => {
  const found = (D.parcels.stock || {}).duration_kw;
  if (!found) return null;
  return nz.chartDuration({ title: `${nz.t("chart.duration")} · ${nz.lastYear}`, series: ["heating", "cooling"].map((key) => ({ name: nz.t(key), colour: D.colours[key], values: found[key] })), unit: "kW", id: "chart-duration" });
};

const supply = () => {
  const scenario = nz.state.scenario === nz.base ? nz.base : nz.plan;
  const table = D.supply[scenario];
  if (!table) return null;
  const side = (direction) => Object.entries(table[direction] || {}).map(([item, values]) => [item, values[nz.yearIndex()]]).filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]);
  return nz.chartFlow({ title: `${nz.t("chart.supply")} · ${nz.state.year} · ${nz.scenarioName(scenario)}`, from: side("in"), to: side("out"), unit: "MWh", id: "chart-supply" });
};

const waterfall = () => {
  if (!D.waterfall.length) return null;
  return nz.section(nz.t("section.waterfall"), nz.chartWaterfall({ title: nz.t("chart.waterfall"), steps: D.waterfall, unit: "t", id: "chart-waterfall" }),
    nz.h("p", { class: "nz-note" }, nz.t("waterfall.note")));
};

const months = () => {
  const found = nz.monthsOf(D.parcels.id.map((_, place) => place), nz.state.year);
  return found ? nz.section(`${nz.t("section.demand")} · ${nz.state.year}`, nz.chartMonths({ title: nz.t("chart.months"), ...found, unit: "MWh", id: "chart-zone-months" }), duration()) : null;
};

const NETWORK_UNITS = { trench_m: "m", lower_bound_m: "m", delivered_mwh: "MWh", loss_mwh: "MWh", pumping_mwh: "MWh", peak_kw: "kW", capex_cny: "CNY" };
const networks = () => Object.entries(D.networks).map(([name, row]) => (row.parcels_connected === 0
  ? nz.section(nz.t(`pipe.${name}`), nz.h("p", { class: "nz-note" }, nz.t("network.none")))
  : nz.section(nz.t(`pipe.${name}`), nz.h("dl", {}, Object.entries(row).filter(([, value]) => value !== null).map(([key, value]) => {
    const shared = key === "connected_share" ? [nz.number(value * 100), "%"] : nz.amount(value, NETWORK_UNITS[key] || nz.t(`unit.${key}`).replace(`unit.${key}`, ""));
    return nz.line(nz.term(key), ...shared, "assumed", `${name}-${key}`);
  })))));

const honest = () => {
  const { illustrative, attribution, switches } = D.meta;
  const listed = (name, rows) => (rows.length ? nz.section(name, nz.h("ul", { class: "nz-plain" }, rows.map((text) => nz.h("li", {}, text)))) : null);
  return [
    listed(nz.t("section.illustrative"), illustrative.map(nz.term)),
    listed(nz.t("section.switches"), Object.entries(switches).map(([key, value]) => `${nz.term(key)}: ${nz.term(value)}`)),
    D.reconciliation.length ? listed(nz.t("section.people"), D.reconciliation.map(([year, parcels, driver, factor]) => `${year}: ${nz.count(parcels)} → ${nz.count(driver)} (× ${nz.number(factor)})`)) : null,
    listed(nz.t("section.sources"), attribution.map((pair) => pair[nz.side()])),
  ];
};

nz.cards.zone = {
  kicker: () => nz.t("zone"),
  title: () => D.meta.title[nz.side()],
  body: () => [
    targetTable(),
    D.balance.co2_t ? nz.section(nz.t("section.carbon"), path(), growth(), nz.stackFor("co2_t", undefined, nz.t("chart.co2.sector"), "t", "chart-zone-co2"), nz.sinkLine()) : null,
    waterfall(),
    D.balance.energy_mwh ? nz.section(nz.t("section.energy"), nz.stackFor("energy_mwh", undefined, nz.t("chart.energy.carrier"), "MWh", "chart-zone-energy"), supply()) : null,
    months(),
    networks(),
    honest(),
  ],
};
