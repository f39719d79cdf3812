// Electricity hour by hour: what the least-cost system makes of the target year, and two of its weeks.
const W = nz.data.power;
const FIGURES = ["renewable_electricity_share", "self_sufficiency", "curtailed_mwh", "import_mwh", "export_mwh", "peak_import_mw", "cost_cny"];
const said = (pair) => {
  if (!pair) return "–";
  const [value, unit] = pair;
  if (unit === "fraction" || unit === "1") return nz.percent(value);
  return unit === "MW" ? nz.withUnit(value === null ? null : value * 1000, "kW") : nz.withUnit(value, unit);
};

const figures = () => {
  if (!W.summary) return null;
  const runs = nz.bothScenarios().filter((key) => W.summary[key]);
  const stores = [...new Set(runs.flatMap((key) => Object.keys((W.stores || {})[key] || {})))].sort();
  const storeText = (found) => (found ? [said([found[0], "MW"]), nz.h("em", {}, said([found[1], "MWh"]))] : "–");
  const rows = FIGURES.filter((name) => runs.some((key) => W.summary[key][name])).map((name) => [nz.term(`power.${name}`), (key) => said(W.summary[key][name])]);
  rows.push(...stores.map((name) => [`${nz.t("store.built")}: ${nz.term(`item.${name}`)}`, (key) => storeText(((W.stores || {})[key] || {})[name])]));
  return nz.h("table", { class: "nz-figures", "data-testid": "power" },
    nz.h("thead", {}, nz.h("tr", {}, nz.h("th", { scope: "col" }, ""), runs.map((key) => nz.h("th", { scope: "col" }, nz.t(`scenario.${key}.short`))))),
    nz.h("tbody", {}, rows.map(([name, value]) => nz.h("tr", {}, nz.h("th", { scope: "row" }, name), runs.map((key) => nz.h("td", {}, value(key)))))));
};

const FILLS = [[/^pv/, "sun", 2], [/^wind_sea/, "wind", 3], [/^wind/, "wind", 2], [/^import/, "carbon", 1], [/^(battery|v2g)/, "power", 3], [/^(wte|biomass)/, "built", 2], [/^chp/, "heat", 2], [/./, "built", 3]];
const fillOf = (item) => {
  const [, ramp, step] = FILLS.find(([rule]) => rule.test(item));
  return nz.data.ramps[ramp][step];
};
// What runs steadily lies below, what follows the sun above it, then stores and what is bought.
const ORDER = [/^wte|^biomass|^chp/, /^wind/, /^pv/, /_out$/, /^import/];
const rank = (item) => ORDER.findIndex((rule) => rule.test(item));

const week = (table, season) => {
  const { demand } = table;
  const items = Object.keys(table).filter((key) => key !== "demand").sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const sums = demand.map((_, hour) => items.reduce((sum, item) => sum + Math.max(0, table[item][hour]), 0));
  const top = Math.max(...sums, ...demand);
  const step = nz.scale("kW", top * 1000);
  const divisor = step.divisor / 1000;
  const title = `${nz.t(`week.${season}`)} · ${nz.lastYear} · ${nz.scenarioName(nz.shown())}`;
  const frame = nz.frame({ height: 150, high: (top / divisor) * 1.05 || 1, unit: step.unit, label: title });
  const x = (hour) => frame.left + (frame.inner * hour) / Math.max(1, demand.length);
  const base = demand.map(() => 0);
  for (const item of items) {
    const before = base.slice();
    table[item].forEach((value, hour) => { base[hour] += Math.max(0, value); });
    const edge = (row) => row.flatMap((value, hour) => [[x(hour), value], [x(hour + 1), value]]).map(([at, value]) => `${at.toFixed(1)},${frame.y(value / divisor).toFixed(1)}`);
    frame.svg.append(nz.s("polygon", { points: [...edge(base), ...edge(before).reverse()].join(" "), fill: fillOf(item) }, nz.s("title", {}, nz.term(`item.${item}`))));
  }
  const line = demand.flatMap((value, hour) => [`${x(hour).toFixed(1)},${frame.y(value / divisor).toFixed(1)}`, `${x(hour + 1).toFixed(1)},${frame.y(value / divisor).toFixed(1)}`]);
  frame.svg.append(nz.s("polyline", { points: line.join(" "), fill: "none", stroke: "#1d2733", "stroke-width": 1.3 }));
  for (let day = 0; day * 24 < demand.length; day += 1) {
    frame.svg.append(nz.s("text", { x: x(day * 24 + 12), y: frame.height - 7, class: "nz-axis", "text-anchor": "middle" }, String(day + 1)));
  }
  const energy = (item) => nz.withUnit(table[item].reduce((sum, value) => sum + value, 0), "MWh");
  return nz.figure(title, frame.svg, [["#1d2733", `${nz.t("week.demand")} ${energy("demand")}`], ...items.map((item) => [fillOf(item), `${nz.term(`item.${item}`)} ${energy(item)}`])], `chart-week-${season}`);
};

nz.powerSection = () => {
  const weeks = (W.weeks || {})[nz.shown()];
  const season = weeks ? nz.choice("season", Object.keys(weeks)) : null;
  const table = figures();
  if (!table && !weeks) return null;
  return nz.section(`${nz.t("section.power")} · ${nz.lastYear}`, table,
    weeks ? [nz.choiceButtons("season", Object.keys(weeks).map((key) => [key, nz.t(`week.${key}`)])), week(weeks[season], season), nz.h("p", { class: "nz-note" }, nz.t("week.note"))] : null);
};
