// One parcel: controls, sun, demand by month, network, CO2 by year, review.
const P = nz.data.parcels;
const usesOf = {};
(P.uses || []).forEach(([place, use, archetype, share]) => (usesOf[place] = usesOf[place] || []).push([use, archetype, share]));
const stockOf = {};
((P.stock || {}).rows || []).forEach((row) => (stockOf[row[0]] = stockOf[row[0]] || []).push(row));

const SHARES = new Set(["building_density", "green_ratio"]);
const valueOf = (field, place) => {
  const { year } = nz.state;
  if (field.column === "population" || field.column === "jobs") {
    const rows = P.static[`${field.column}_${nz.standing(place) ? "target" : "base"}`];
    return rows ? rows[place] : null;
  }
  const scenario = nz.shown();
  const rows = nz.column(field.column, year, scenario);
  return rows && rows.length ? rows[place] : null;
};
// Between which values the draws of constants and building forms lie, in the unit of the value itself.
const bandOf = (column, place) => {
  const [low, high] = ["low", "high"].map((end) => nz.column(column.replace(/_mwh$/, `_${end}_mwh`), nz.state.year, nz.shown()));
  if (!column.endsWith("_mwh") || !low || !high || !low.length || !(high[place] > 0)) return "";
  const { divisor } = nz.scale("MWh", valueOf({ column }, place));
  return `${nz.number(low[place] / divisor)}–${nz.number(high[place] / divisor)}`;
};
const fieldLine = (field, place) => {
  const value = valueOf(field, place);
  if (value === null || value === undefined) return null;
  const [zh, en, unit, definition, source] = nz.data.quantities[field.quantity] || [field.quantity, field.quantity, "", "", ""];
  const [said, step] = SHARES.has(field.column) ? [nz.number(value * 100), "%"] : nz.amount(value, unit);
  const range = bandOf(field.column, place);
  const unitSaid = range ? nz.h("abbr", { title: nz.t("band.note") }, `${step} (${range})`) : step;
  return nz.line(nz.side() ? en : zh, said, unitSaid, nz.kindOf(field.kind, field.inputs), field.quantity, [nz.side() ? definition : "", source, range ? nz.t("band.note") : ""].filter(Boolean).join(" · "));
};
const lines = (section, place) => nz.data.fields.filter((field) => field.section === section).map((field) => fieldLine(field, place)).filter(Boolean);

// Monthly sums from the profiles of the classes standing on the parcel, times their floor area [MWh].
nz.monthsOf = (places, year) => {
  const monthly = (P.stock || {}).monthly;
  if (!monthly) return null;
  const found = { heating: new Array(12).fill(0), cooling: new Array(12).fill(0) };
  for (const place of places) {
    for (const [, code, floor, from] of stockOf[place] || []) {
      if (from > year) continue;
      for (const demand of ["heating", "cooling"]) {
        const rows = monthly[demand][code];
        for (let month = 0; month < 12; month += 1) found[demand][month] += (rows[month] * floor) / 1000;
      }
    }
  }
  return found;
};

// The months come from rounded profiles; they share out the year's figure that stands below them, so both say the same.
const summingTo = (months, column, place) => {
  const year = valueOf({ column }, place);
  const sum = months.reduce((a, b) => a + b, 0);
  return year > 0 && sum > 0 ? months.map((value) => (value * year) / sum) : months;
};

const plan = (place) => {
  const uses = usesOf[place] || [];
  const code = P.codes[P.code[place]];
  const found = nz.data.landuse[code];
  const unitPlace = nz.data.units ? nz.data.units.id.indexOf(P.units[P.unit[place]]) : -1;
  const rows = [
    nz.line(nz.t("landuse"), `${P.given[place]}${found ? ` ${found[nz.side()]}` : ""}`, "", nz.kindOf("statutory", "parcels"), "landuse"),
    uses.length > 1 ? nz.line(nz.t("mixed"), uses.map(([use, , share]) => `${use} ${nz.percent(share)}`).join(", "), "", nz.kindOf("statutory", "parcels"), "uses") : null,
    nz.line(nz.t("phase"), P.existing[place] ? nz.t("existing") : String(P.static.phase_year[place]), nz.standing(place) ? "" : nz.t("not.yet"), nz.kindOf("statutory", "parcels"), "phase"),
    ...lines("plan", place),
  ];
  return nz.section(nz.t("section.plan"), nz.h("dl", {}, rows),
    unitPlace < 0 ? null : nz.h("button", { type: "button", class: "nz-link", "data-focus": "unit", onclick: () => nz.openUnit(nz.data.units.id[unitPlace]) }, `${nz.t("unit")}: ${nz.name(nz.data.units, unitPlace)} →`));
};

const sun = (place) => {
  const rows = lines("sun", place);
  if (!rows.length && !nz.roofsOf(place).length) return null;
  const surfaces = Object.keys(P.pv).filter((name) => P.pv[name].mwh[place]);
  return nz.section(nz.t("section.sun"), nz.h("dl", {}, rows, surfaces.map((name) => nz.line(`– ${nz.term(name)}`, ...nz.amount(P.pv[name].mwh[place], "MWh"), null, `pv-${name}`))), nz.roofList(place));
};

const demand = (place) => {
  const rows = lines("demand", place);
  if (!rows.length) return null;
  const months = nz.monthsOf([place], nz.state.year);
  if (months) ["heating", "cooling"].forEach((load) => { months[load] = summingTo(months[load], `${load}_mwh`, place); });
  const banded = rows.some((row) => row.querySelector("abbr"));
  const chart = months && [...months.heating, ...months.cooling].some((value) => value > 0)
    ? nz.chartMonths({ title: nz.t("chart.months"), heating: months.heating, cooling: months.cooling, unit: "MWh", id: "chart-months" }) : null;
  const built = (stockOf[place] || []).map(([, code, floor, , floors, height]) => {
    const [archetype, form, vintage] = P.stock.classes[code].split("|");
    return nz.line(`${nz.term(archetype)}, ${nz.term(form)}, ${nz.term(vintage)}`, ...nz.amount(floor, "m²"), null, "stock", `${nz.number(floors)} ${nz.t("floors")}, ${nz.number(height)} m`);
  });
  return nz.section(`${nz.t("section.demand")} · ${nz.state.year}`, chart, nz.h("dl", {}, rows), banded ? nz.h("p", { class: "nz-note" }, nz.t("band.note")) : null, built.length ? nz.h("dl", { class: "nz-quiet" }, built) : null);
};

const networks = (place) => {
  const rows = Object.entries(P.network).map(([name, table]) => {
    const state = table.state[place];
    if (!state) return null;
    const reason = state === 2 ? nz.withUnit(table.peak_kw[place], "kW") : nz.term(table.reasons[table.reason[place]] || "");
    const verdict = nz.line(nz.t(`pipe.${name}`), nz.t(`network.${["apart", "considered", "connected"][state]}`), reason, nz.kindOf("assumed", "parcels"), `network-${name}`);
    if (state === 2 || table.joining_cny[place] === null) return verdict;
    return [verdict,
      nz.line(nz.term("joining_cny"), ...nz.amount(table.joining_cny[place], "CNY"), nz.kindOf("assumed", "parcels"), `joining-${name}`),
      nz.line(nz.term("worth_cny"), ...nz.amount(table.worth_cny[place], "CNY"), nz.kindOf("assumed", "parcels"), `worth-${name}`)];
  }).filter(Boolean).flat();
  return rows.length ? nz.section(nz.t("section.network"), nz.h("dl", {}, rows)) : null;
};

const carbon = (place) => {
  const rows = lines("carbon", place);
  const account = P.account.co2_t;
  if (!rows.length || !account) return null;
  const series = nz.bothScenarios().filter((key) => account[key]).map((key) => ({
    name: nz.scenarioName(key), colour: nz.scenarioColour(key), dashed: key === nz.base,
    values: account[key].map((values) => (values[place] === undefined ? null : values[place])),
  }));
  const scenario = nz.shown();
  return nz.section(`${nz.t("section.carbon")} · ${nz.state.year} · ${nz.scenarioName(scenario)}`, nz.h("dl", {}, rows),
    nz.chartLines({ title: nz.t("chart.co2"), series, unit: "t", id: "chart-co2" }));
};

const MARKS = { met: "✓", not_met: "✗", not_decidable: "?", condition: "!" };
// "<= 0.3" of a fraction is said as "≤ 30 %".
const sayRule = (text, unit) => {
  const found = /^\s*(<=|>=|<|>|=)?\s*(-?[\d.]+)\s*$/.exec(text);
  if (!found) return text;
  const sign = { "<=": "≤ ", ">=": "≥ ", "<": "< ", ">": "> " }[found[1]] || "";
  const value = Number(found[2]);
  return sign + (unit === "fraction" ? nz.percent(value) : `${nz.number(value)}${unit ? `\u00a0${nz.unitText(unit)}` : ""}`);
};
// Rows of the review; `beside` may add a line to each, by its indicator.
nz.reviewList = (rows, beside) => {
  const { rules, words } = P.review;
  return nz.h("ul", { class: "nz-review" }, rows.map(([, rule, required, value, status, evidence]) => {
    const [, clause, stage, indicator, unit] = rules[rule];
    const [asked, got, why] = [required, value, evidence].map((word) => words[word][nz.side()]);
    const said = [asked && `${nz.t("required")} ${sayRule(asked, unit)}`, got && `${nz.t("found")} ${sayRule(got, unit)}`].filter(Boolean);
    return nz.h("li", { class: status, "data-status": status },
      nz.h("i", { "aria-hidden": "true" }, MARKS[status]),
      nz.h("div", {},
        nz.h("b", {}, `${nz.term(indicator)}: ${nz.t(`status.${status}`)}`),
        said.length ? nz.h("p", {}, said.join(" · ")) : null,
        beside ? nz.h("p", { class: "nz-beside" }, beside(indicator)) : null,
        nz.h("p", { class: "nz-clause" }, `${clause} · ${nz.term(stage)}`),
        why ? nz.h("p", { class: "nz-clause" }, why) : null));
  }));
};
const review = (place) => {
  const rows = nz.reviewRows[place];
  return rows.length ? nz.section(nz.t("section.review"), nz.reviewList(rows)) : null;
};

nz.cards.parcel = {
  kicker: () => {
    const place = nz.state.parcel;
    return P.name[place] ? `${nz.t("parcel")} ${P.id[place]}` : nz.t("parcel");
  },
  title: () => P.name[nz.state.parcel] || P.id[nz.state.parcel],
  body: () => {
    const place = nz.state.parcel;
    return [plan(place), carbon(place), demand(place), sun(place), networks(place), review(place), nz.kinds()];
  },
};
