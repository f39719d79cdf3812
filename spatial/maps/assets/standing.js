// Where the zone stands: the state line, the targets with their slack, every reading of them, and why they hold or not.
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
const sign = (sense) => (sense === "<=" ? "≤" : "≥");

// "2030 near zero: 0.86 t a head, target <= 1.0"
nz.stateLine = () => {
  const { year, scenario } = nz.state;
  const { target: name, indicator: key } = D.meta.headline;
  const target = D.targets.find((row) => row.target === name && row.scenario === nz.plan) || D.targets.find((row) => row.target === name);
  const total = (key) => Object.values(nz.balanceRows("co2_t", key)).reduce((sum, row) => sum + row[nz.yearIndex()], 0);
  if (scenario === "difference") {
    if (!D.balance.co2_t) return "";
    const saved = total(nz.state.compared) - total(nz.base);
    const share = total(nz.base) ? saved / total(nz.base) : 0;
    return `${year} ${nz.scenarioName("difference")}: ${nz.withUnit(saved, "t")} CO₂ (${nz.percent(share)})`;
  }
  const value = key ? indicator(key, scenario) : null;
  if (value === null || value === undefined || !target) {
    return D.balance.co2_t ? `${year} ${nz.scenarioName(scenario)}: ${nz.withUnit(total(scenario), "t")} CO₂` : "";
  }
  const words = D.texts[`state.${name}`] ? nz.t(`state.${name}`) : `${nz.term(name)} {value} ${targetUnit(target)}, ${nz.t("target")} {limit}`;
  const said = words.replace("{value}", targetValue(value, target.unit)).replace("{limit}", `${sign(target.sense)} ${targetValue(target.limit, target.unit)}`);
  return `${year} ${nz.scenarioName(scenario)}: ${said}`;
};

const targetTable = (rows) => nz.h("table", { class: "nz-targets", "data-testid": "targets" },
  nz.h("thead", {}, nz.h("tr", {}, ["indicator", "value", "target", "slack"].map((key) => nz.h("th", { scope: "col" }, nz.t(`col.${key}`))))),
  nz.h("tbody", {}, rows.map((row) => nz.h("tr", { class: row.met ? "met" : "not_met", title: row.definition[nz.side()] || null },
    nz.h("th", { scope: "row" }, nz.h("i", { role: "img", "aria-label": nz.t(row.met ? "status.met" : "status.not_met") }, row.met ? "✓" : "✗"), nz.h("span", {}, nz.term(row.target), nz.h("em", {}, targetUnit(row)))),
    nz.h("td", {}, targetValue(row.value, row.unit)), nz.h("td", {}, `${sign(row.sense)} ${targetValue(row.limit, row.unit)}`), nz.h("td", {}, targetValue(row.slack, row.unit))))));

// The published targets leave open what GDP and people grow to and how coal equivalent is counted: all readings.
const readings = () => {
  const rows = D.readings;
  if (!rows.length) return null;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row[3])))];
  const first = (name) => rows.find((row) => row[3][name])[3][name];
  const cell = (found) => (found
    ? nz.h("td", { class: found[3] ? "met" : "not_met" }, targetValue(found[0], found[4]), "\u00a0", nz.h("i", { role: "img", "aria-label": nz.t(found[3] ? "status.met" : "status.not_met") }, found[3] ? "✓" : "✗"))
    : nz.h("td", {}, "–"));
  return nz.h("details", { class: "nz-more" }, nz.h("summary", { "data-focus": "readings" }, nz.t("readings")),
    nz.h("p", { class: "nz-note" }, nz.t("readings.note")),
    nz.h("div", { class: "nz-scroll", tabindex: 0 }, nz.h("table", { class: "nz-figures nz-readings", "data-testid": "readings" },
      nz.h("thead", {}, nz.h("tr", {}, nz.h("th", { scope: "col" }, nz.t("readings.head")), names.map((name) => nz.h("th", { scope: "col", title: nz.term(name) },
        nz.term(`brief.${name}`), nz.h("em", {}, `${sign(first(name)[1])} ${targetValue(first(name)[2], first(name)[4])}`))))),
      nz.h("tbody", {}, rows.map(([gdp, people, method, found]) => nz.h("tr", {},
        nz.h("th", { scope: "row" }, `×${nz.number(gdp)} ×${nz.number(people)}`, nz.h("em", {}, nz.term(`brief.${method}`))), names.map((name) => cell(found[name]))))))));
};

// The first sentences say how each target stands; what lies behind them opens below.
const FIRST = 6;
const sentences = () => {
  // The sentences are about the plan.
  if (!D.verdicts.length || nz.shown() !== nz.plan) return null;
  const list = (pairs, id) => nz.h("ul", { class: "nz-plain nz-verdicts", "data-testid": id }, pairs.map((pair) => nz.h("li", {}, pair[nz.side()])));
  const rest = D.verdicts.slice(FIRST);
  return [list(D.verdicts.slice(0, FIRST), "verdicts"), rest.length ? nz.h("details", { class: "nz-more" }, nz.h("summary", { "data-focus": "verdicts" }, nz.t("verdicts.more")), list(rest, "verdicts-more")) : null];
};

nz.targetSection = () => {
  const scenario = nz.shown();
  const rows = D.targets.filter((row) => row.scenario === scenario);
  if (!rows.length && !D.readings.length && !D.verdicts.length) return null;
  return nz.section(`${nz.t("section.targets")} · ${nz.lastYear} · ${nz.scenarioName(scenario)}`,
    rows.length ? targetTable(rows) : null,
    sentences(),
    readings());
};
