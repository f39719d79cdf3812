// One roof of the schematic layout: its plant, output by month, cost, and what rules ask of its parcel.
const R = nz.data.roofs;
const P = nz.data.parcels;
const kind = () => nz.kindOf("assumed", "parcels controls");
const line = (name, place, unit) => nz.line(nz.term(name), ...nz.amount(R[name][place], unit), kind(), name);
// Yields differ in their fourth digit.
const fine = (name, place, unit) => nz.line(nz.term(name), nz.number(R[name][place], 4), nz.unitText(unit), kind(), name);
const percent = (name, text, share) => nz.line(text, nz.number(share * 100), "%", kind(), name);
const sum = (places, name) => places.reduce((total, place) => total + (R[name][place] || 0), 0);

// Twelve bars with their figures; read aloud as one sentence.
const months = (place) => {
  const shares = R.months[place];
  const whole = shares.reduce((a, b) => a + b, 0);
  if (!whole || !R.mwh[place]) return null;
  const values = shares.map((share) => (R.mwh[place] * share) / whole);
  const step = nz.scale("MWh", Math.max(...values));
  const title = nz.t("roof.months");
  const names = nz.t("month.names").split(" ");
  const said = values.map((value, month) => `${names[month]} ${nz.number(value / step.divisor)}`);
  const frame = nz.frame({ height: 140, high: (Math.max(...values) / step.divisor) * 1.12, unit: step.unit, label: `${title} [${step.unit}]: ${said.join(", ")}` });
  const width = frame.inner / 12;
  values.forEach((value, month) => {
    const x = frame.left + (month + 0.5) * width;
    const y = frame.y(value / step.divisor);
    frame.svg.append(nz.s("rect", { x: (x - width / 2 + 2.5).toFixed(1), width: (width - 5).toFixed(1), y: y.toFixed(1), height: Math.max(0, frame.y(0) - y).toFixed(1), fill: nz.data.ramps.sun[2] }, nz.s("title", {}, `${said[month]} ${step.unit}`)),
      nz.s("text", { x, y: y - 3, class: "nz-axis nz-halo", "text-anchor": "middle" }, nz.number(value / step.divisor, 2)),
      nz.s("text", { x, y: frame.height - 7, class: "nz-axis", "text-anchor": "middle" }, String(month + 1)));
  });
  return nz.figure(title, frame.svg, [], "chart-roof-months");
};

const plant = (place) => nz.section(`${nz.t("section.plant")} · ${nz.targetYear}`, nz.h("dl", {},
  line("kwp", place, "kWp"),
  nz.line(nz.t("roof.p50"), ...nz.amount(R.mwh[place], "MWh"), kind(), "mwh"),
  nz.line(nz.t("roof.p90"), ...nz.amount(R.mwh_p90[place], "MWh"), kind(), "mwh_p90"),
  fine("kwh_kwp", place, "kWh/kWp"),
  percent("light", nz.term("light"), R.light[place]),
  fine("poa_kwh_m2", place, "kWh/m2"),
  nz.line(nz.t("roof.mounting"), nz.term(R.classes[R.class[place]]), "", kind(), "pv_class"),
  line("roof_m2", place, "m2"),
  nz.line(nz.t("roof.usable"), ...nz.amount(R.area_m2[place], "m2"), kind(), "area_m2"),
  line("height_m", place, "m")), months(place));

const cost = (place) => {
  const years = R.payback_years[place];
  return nz.section(nz.t("section.plant.cost"), nz.h("dl", {},
    line("lcoe_cny_kwh", place, "CNY/kWh"),
    nz.line(nz.term("payback_years"), years === null ? nz.t("roof.never") : nz.number(years), years === null ? "" : nz.t("unit.years"), kind(), "payback_years"),
    line("capex_cny", place, "CNY"),
    nz.line(nz.term("opex_cny_a"), ...nz.amount(R.opex_cny_a[place], "CNY"), kind(), "opex_cny_a")));
};

// What the rules on sun ask of the parcel, each beside what its roofs can hold.
const RULES = ["roof_pv_share", "solar_system"];
const duties = (place) => {
  const parcel = R.parcel[place];
  const all = nz.roofsOf(parcel);
  const rows = nz.reviewRows[parcel].filter((row) => RULES.includes(P.review.rules[row[1]][3]));
  const share = (places) => nz.percent(sum(places, "area_m2") / sum(places, "roof_m2"));
  const beside = (indicator) => nz.t(`roof.beside.${indicator}`).replace("{roof}", share([place])).replace("{parcel}", share(all)).replace("{size}", nz.withUnit(sum(all, "kwp"), "kWp"));
  return nz.section(nz.t("section.plant.rules"), rows.length ? nz.reviewList(rows, beside) : nz.h("p", { class: "nz-note" }, nz.t("no.rule")));
};

const notes = () => {
  const source = R.weather ? `${nz.t(`weather.${R.weather[0]}`)} (${R.weather[1]})` : nz.t("weather.unknown");
  return nz.section(nz.t("section.plant.notes"), nz.h("ul", { class: "nz-plain", "data-testid": "roof-notes" },
    [nz.t("roof.weather").replace("{source}", source), nz.t("roof.note.p90"), nz.t("roof.note.layout")].map((text) => nz.h("li", {}, text))));
};

const parcelName = (parcel) => (P.name[parcel] ? `${P.id[parcel]} ${P.name[parcel]}` : P.id[parcel]);
nz.cards.roof = {
  kicker: () => nz.t("roof.plant"),
  title: () => R.id[nz.state.pick],
  body: () => {
    const place = nz.state.pick;
    const parcel = R.parcel[place];
    return [
      nz.h("p", { class: "nz-schematic", "data-testid": "schematic" }, nz.h("b", {}, nz.t("schematic")), nz.t("roof.schematic")),
      nz.h("button", { type: "button", class: "nz-link", "data-focus": "parcel", "data-testid": "roof-parcel", onclick: () => nz.openParcel(parcel) }, `${nz.t("parcel")}: ${parcelName(parcel)} →`),
      plant(place), cost(place), duties(place), notes(), nz.kinds(),
    ];
  },
};

// The largest roofs of a parcel, so that the keyboard reaches them too.
const MOST = 5;
nz.roofList = (parcel) => {
  const places = nz.roofsOf(parcel);
  if (!places.length) return null;
  return [
    nz.h("p", { class: "nz-sub-head" }, `${nz.t("roof.largest")} (${nz.count(Math.min(MOST, places.length))} / ${nz.count(places.length)})`),
    nz.h("ol", { class: "nz-top", "data-testid": "roofs" }, places.slice(0, MOST).map((place, rank) =>
      nz.h("li", {}, nz.h("button", { type: "button", "data-focus": `roof-${rank}`, onclick: () => nz.showRoof(place) },
        nz.h("span", {}, R.id[place]), nz.h("b", {}, nz.withUnit(R.kwp[place], "kWp")))))),
    nz.h("p", { class: "nz-note" }, nz.t("roof.schematic")),
  ];
};
