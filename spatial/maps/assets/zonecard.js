// The zone: its targets, its path, what moves it, what that costs, and its energy.
const D = nz.data;

// The whole path, beyond the target year where the account goes on.
const path = () => {
  const { years, co2_t: co2 } = D.paths;
  if (!co2) return null;
  const series = nz.runs.filter((key) => co2[key]).map((key) => ({ name: nz.scenarioName(key), colour: nz.scenarioColour(key), dashed: key === nz.base, values: co2[key] }));
  const first = series[0].values[years.indexOf(nz.firstYear)];
  return nz.chartLines({ title: nz.t("chart.path"), series, unit: "t", id: "chart-path", years, limit: { value: first, name: `${nz.firstYear}: ${nz.withUnit(first, "t")}` } });
};

// Population, GDP and CO2 on one axis, first year = 100: whether growth and emissions part ways.
const growth = () => {
  const { years, co2_t: co2, drivers = {} } = D.paths;
  const rows = [["population", drivers.population, D.colours.residential], ["gdp", Object.entries(drivers).filter(([name]) => name.startsWith("gdp")).map(([, values]) => values)[0], D.ramps.sun[3]]];
  const start = (years || []).indexOf(nz.firstYear);
  const known = rows.filter(([, values]) => values && values[start] > 0);
  const scenario = nz.shown();
  if (!known.length || !co2 || !co2[scenario]) return null;
  const index = (values) => values.map((value) => (value === null ? null : (100 * value) / values[start]));
  const series = known.map(([key, values, colour]) => ({ name: nz.t(key), colour, values: index(values) }));
  series.push({ name: `CO₂ ${nz.scenarioName(scenario)}`, colour: nz.scenarioColour(scenario), values: index(co2[scenario]) });
  return nz.chartLines({ title: nz.t("chart.growth"), series, unit: `${nz.firstYear} = 100`, id: "chart-growth", years });
};

const scopes = () => {
  const rows = nz.scopeLines(undefined, ["scope1_t", "scope2_t", "scope2_location_t"]);
  return rows.length ? [nz.h("p", { class: "nz-sub-head" }, `${nz.t("scopes")} · ${nz.state.year} · ${nz.scenarioName(nz.shown())}`), nz.h("dl", {}, rows)] : null;
};

const duration = () => {
  const found = (D.parcels.stock || {}).duration_kw;
  if (!found) return null;
  return nz.chartDuration({ title: `${nz.t("chart.duration")} · ${nz.lastYear}`, series: ["heating", "cooling"].map((key) => ({ name: nz.t(key), colour: D.colours[key], values: found[key] })), unit: "kW", id: "chart-duration" });
};

const supply = () => {
  const scenario = nz.shown();
  const table = D.supply[scenario];
  if (!table) return null;
  const side = (direction) => Object.entries(table[direction] || {}).map(([item, values]) => [item, values[nz.yearIndex()]]).filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]);
  return nz.chartFlow({ title: `${nz.t("chart.supply")} · ${nz.state.year} · ${nz.scenarioName(scenario)}`, from: side("in"), to: side("out"), unit: "MWh", id: "chart-supply" });
};

const months = () => {
  const found = nz.monthsOf(D.parcels.id.map((_, place) => place), nz.state.year);
  return found ? nz.section(`${nz.t("section.demand")} · ${nz.state.year}`, nz.chartMonths({ title: nz.t("chart.months"), ...found, unit: "MWh", id: "chart-zone-months" }), duration()) : null;
};

// How much of all demand would join at other prices; the dashed line is what heat or cold costs made in each building.
const shares = (name, instead) => {
  const found = D.network_prices[name];
  if (!found || !found.price.length) return null;
  const title = `${nz.t("network.prices")} [${nz.unitText("CNY/kWh")}]`;
  const said = found.price.map((price, place) => `${nz.number(price)}: ${nz.percent(found.share[place])}`);
  const frame = nz.frame({ height: 132, high: Math.max(0.1, ...found.share) * 115, unit: "%", label: `${title}: ${said.join(", ")}` });
  const most = Math.max(...found.price, instead || 0) * 1.05;
  const x = (price) => frame.left + (frame.inner * price) / most;
  nz.ticks(0, most, 5).forEach((tick) => frame.svg.append(nz.s("text", { x: x(tick).toFixed(1), y: frame.height - 7, class: "nz-axis", "text-anchor": "middle" }, nz.number(tick, 2))));
  if (instead) frame.svg.append(nz.s("line", { x1: x(instead).toFixed(1), x2: x(instead).toFixed(1), y1: frame.top, y2: frame.y(0), stroke: D.colours.unit, "stroke-dasharray": "4 3", "data-testid": "instead" }));
  const dots = found.price.map((price, place) => [x(price), frame.y(found.share[place] * 100)].map((value) => value.toFixed(1)));
  frame.svg.append(nz.s("polyline", { points: dots.join(" "), fill: "none", stroke: D.colours[name], "stroke-width": 1.6 }));
  dots.forEach(([cx, cy], place) => frame.svg.append(nz.s("circle", { cx, cy, r: 3.5, fill: D.colours[name] }, nz.s("title", {}, said[place]))));
  const key = instead ? [[D.colours.unit, `${nz.term("alternative_cny_mwh")}: ${nz.withUnit(instead, "CNY/kWh")}`, true]] : [];
  return nz.figure(title, frame.svg, key, `chart-prices-${name}`);
};

const NETWORK_UNITS = { trench_m: "m", delivered_mwh: "MWh", loss_mwh: "MWh", pumping_mwh: "MWh", peak_kw: "kW", capex_cny: "CNY", plant_capex_cny: "CNY", plant_electricity_mwh: "MWh", hot_water_mwh: "MWh", layout_cny: "CNY", layout_bound_cny: "CNY", co2_t: "t", alternative_co2_t: "t" };
const networks = () => Object.entries(D.networks).map(([name, row]) => nz.section(nz.t(`pipe.${name}`), row.parcels_connected === 0
  ? nz.h("p", { class: "nz-note" }, nz.t("network.none"))
  : nz.h("dl", {}, Object.entries(row).filter(([key, value]) => value !== null && (value || key !== "hot_water_mwh")).map(([key, value]) => {
    const special = { connected_share: [value * 100, "%"], head_pa: [value / 1000, "kPa"] }[key];
    const shared = special ? [nz.number(special[0]), special[1]] : nz.amount(value, NETWORK_UNITS[key] || nz.t(`unit.${key}`).replace(`unit.${key}`, ""));
    return nz.line(nz.term(key), ...shared, "assumed", `${name}-${key}`);
  })), shares(name, row.alternative_cny_mwh / 1000)));

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
    nz.targetSection(),
    D.balance.co2_t ? nz.section(nz.t("section.carbon"), path(), growth(), nz.stackFor("co2_t", undefined, nz.t("chart.co2.sector"), "t", "chart-zone-co2"), scopes(), nz.sinkLine(), nz.effectsChart()) : null,
    nz.waterfallSection(),
    nz.maccSection(),
    D.balance.energy_mwh ? nz.section(nz.t("section.energy"), nz.sankeyFigure(), nz.stackFor("energy_mwh", undefined, nz.t("chart.energy.carrier"), "MWh", "chart-zone-energy"), supply()) : null,
    nz.powerSection(),
    nz.supplySection(),
    months(),
    networks(),
    honest(),
  ],
};
