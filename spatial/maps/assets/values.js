// What each theme shows: one value or category a feature, and the classes of the legend.
const P = nz.data.parcels;
const N = P.id.length;
const standing = (place, year) => year >= P.static.phase_year[place];
nz.standing = (place) => standing(place, nz.state.year);

// A column of parcels as the chosen year and scenario see it.
nz.column = (name, year, scenario) => {
  if (P.static[name]) return P.static[name];
  if (P.demand[name]) {
    // Useful demand is worked out for the first and the last year; a parcel changes when it is built.
    const [first, last] = P.demand[name];
    return last.map((value, place) => (standing(place, year) ? value : first[place]));
  }
  const account = P.account[name];
  if (!account) return null;
  const index = nz.years.indexOf(year);
  if (scenario === "difference") {
    const before = (account[nz.base] || [])[index] || [];
    const after = (account[nz.state.compared] || [])[index] || [];
    return before.map((value, place) => (value === null || after[place] === null ? null : after[place] - value));
  }
  return (account[scenario] || [])[index] || [];
};
nz.hasScenarios = (theme) => {
  const row = theme || nz.theme();
  return row.level === "unit" || Boolean(P.account[row.value]);
};
nz.hasYears = (theme) => {
  const row = theme || nz.theme();
  return nz.hasScenarios(row) || row.level === "parcel";
};

// Sums of planning units from the account.
nz.unitValue = (unit, kind, scenario, index) => {
  const sum = (which) => Object.values(((nz.data.balance[kind] || {})[which] || {})[unit] || {}).reduce((total, row) => total + row[index], 0);
  return scenario === "difference" ? sum(nz.state.compared) - sum(nz.base) : sum(scenario);
};

const features = {
  parcel: () => N,
  unit: () => (nz.data.units ? nz.data.units.id.length : 0),
  cell: () => (nz.data.sea.row ? nz.data.sea.row.length : 0),
  density: () => (nz.data.density.row ? nz.data.density.row.length : 0),
};

const amounts = (theme, year, scenario) => {
  const factor = Number(theme.factor);
  if (theme.level === "unit") {
    const index = nz.years.indexOf(year);
    return nz.data.units.id.map((unit) => nz.unitValue(unit, theme.value, scenario, index) * factor);
  }
  if (theme.level === "cell") return nz.data.sea[theme.value] || [];
  if (theme.level === "density") return nz.data.density[theme.value] || [];
  const top = nz.column(theme.value, year, scenario);
  if (!top || !top.length) return new Array(N).fill(null);
  if (!theme.per) return factor === 1 ? top : top.map((value) => (value === null ? null : value * factor));
  const bottom = nz.column(theme.per, year, scenario) || [];
  return top.map((value, place) => (value === null || !bottom[place] ? null : (value / bottom[place]) * factor));
};

// Limits are taken from the first and the last year of every scenario together, so that colours can be compared.
const memory = {};
const limits = (theme, difference, classes) => {
  const key = `${theme.id}|${difference ? nz.state.compared : ""}`;
  if (memory[key]) return memory[key];
  const pooled = [];
  const scenarios = difference ? ["difference"] : nz.hasScenarios(theme) ? nz.runs : [nz.plan];
  for (const scenario of scenarios) {
    for (const year of nz.hasYears(theme) ? [nz.firstYear, nz.lastYear] : [nz.lastYear]) {
      for (const value of amounts(theme, year, scenario)) if (value !== null) pooled.push(value);
    }
  }
  memory[key] = difference ? nz.changeBreaks(pooled) : nz.breaks(pooled, classes);
  return memory[key];
};

const amountView = (theme) => {
  const { year, scenario } = nz.state;
  const difference = scenario === "difference" && nz.hasScenarios(theme);
  const values = amounts(theme, year, scenario);
  const ramp = nz.data.ramps[difference ? "change" : theme.ramp];
  const breaks = limits(theme, difference, ramp.length);
  const colours = nz.spread(ramp, breaks.length + 1);
  const step = nz.scale(theme.unit, breaks.length ? Math.abs(breaks[breaks.length - 1]) : 0);
  const classes = colours.map((colour, place) => ({ key: place, colour, label: nz.rangeText(breaks, place, step.divisor) }));
  if (!breaks.length) {
    const only = values.find((value) => value > 0);
    classes[0].label = only === undefined ? "> 0" : nz.number(only / step.divisor);
  }
  const zero = { key: "zero", colour: nz.data.colours.zero, label: "0" };
  const of = values.map((value) => {
    if (value === null || value === undefined) return "none";
    if (!difference && value === 0) return "zero";
    return nz.classOf(value, breaks);
  });
  return { theme, values, of, classes: difference || !of.includes("zero") ? classes : [zero, ...classes], unit: step.unit, breaks, divisor: step.divisor, difference };
};

const landuseView = (theme) => {
  const name = (code) => (nz.data.landuse[code] || [code, code])[nz.side()];
  const colour = (code) => (nz.data.landuse[code] || [0, 0, nz.data.colours.none])[2];
  const classes = P.codes.map((code, place) => ({ key: place, colour: colour(code), label: `${code} ${name(code)}`, group: code[0] }));
  return { theme, values: null, of: P.code, classes, unit: "", area: true };
};

const phaseView = (theme) => {
  const years = P.static.phase_year;
  const existing = { key: "existing", colour: nz.data.colours.none, label: nz.t("existing") };
  const later = years.filter((_, place) => !P.existing[place]);
  const distinct = [...new Set(later)].sort();
  const size = Math.max(1, Math.ceil(distinct.length / 6));
  const bins = [];
  for (let i = 0; i < distinct.length; i += size) bins.push(distinct.slice(i, i + size));
  const colours = nz.spread(nz.data.ramps[theme.ramp], Math.max(bins.length, 1));
  const classes = bins.map((bin, place) => ({
    key: place,
    colour: colours[place],
    label: bin.length > 1 ? `${bin[0]} – ${bin[bin.length - 1]}` : String(bin[0]),
  }));
  const of = years.map((year, place) => (P.existing[place] ? "existing" : bins.findIndex((bin) => bin.includes(year))));
  return { theme, values: null, of, classes: [existing, ...classes], unit: "", area: true };
};

const networkView = (theme) => {
  const network = P.network[theme.value];
  const keys = ["apart", "considered", "connected"];
  const shades = theme.value === "cooling" ? [nz.data.colours.apart, nz.data.ramps.cold[0], nz.data.ramps.cold[2]] : null;
  const classes = keys.map((key, place) => ({ key: place, colour: shades ? shades[place] : nz.data.colours[key], label: nz.t(`network.${key}`) }));
  return { theme, values: null, of: network ? network.state : new Array(N).fill("none"), classes: classes.reverse(), unit: "" };
};

// What a reviewer must act on comes first; what cannot be decided colours a parcel only where nothing else does.
const GRAVITY = ["not_decidable", "met", "condition", "not_met"];
nz.reviewRows = Array.from({ length: N }, () => []);
P.review.rows.forEach((row) => nz.reviewRows[row[0]].push(row));
const reviewView = (theme) => {
  const of = nz.reviewRows.map((rows) => (rows.length ? GRAVITY[Math.max(...rows.map((row) => GRAVITY.indexOf(row[4])))] : "none"));
  const classes = [...GRAVITY].reverse().map((key) => ({ key, colour: nz.data.colours[key], label: nz.t(`status.${key}`) }));
  return { theme, values: null, of, classes, unit: "" };
};

// The star level the land notice must state, as a number in the rule's requirement or value.
const starView = (theme) => {
  const star = P.review.rules.map((rule) => /star/i.test(rule[3]) || /star/i.test(rule[0]));
  const level = (row) => {
    const found = /[1-3]/.exec(P.review.words[row[2]][0]) || /[1-3]/.exec(P.review.words[row[3]][0]);
    return found ? Number(found[0]) : 0;
  };
  const of = nz.reviewRows.map((rows) => {
    const marks = rows.filter((row) => star[row[1]]).map(level);
    return marks.length ? Math.max(...marks) : "none";
  });
  const colours = nz.spread(nz.data.ramps[theme.ramp], 5);
  const classes = [3, 2, 1, 0].map((key) => ({ key, colour: colours[key], label: nz.t(`star.${key}`) }));
  return { theme, values: null, of, classes, unit: "" };
};

// Each cell is coloured by its first reason; the card tells all of them.
const sitingView = (theme) => {
  const sea = nz.data.sea;
  if (!sea.row) return { theme, values: null, of: [], classes: [], unit: "" };
  const of = sea.reason.map((place, cell) => (sea.eligible[cell] ? "eligible" : sea.reasons[place][0] || "none"));
  const counts = {};
  of.forEach((key) => { counts[key] = (counts[key] || 0) + 1; });
  const reasons = Object.keys(counts).filter((key) => key !== "eligible" && key !== "none").sort((a, b) => counts[b] - counts[a]);
  const ramp = nz.data.ramps.set;
  const classes = [
    { key: "eligible", colour: nz.data.colours.eligible, label: nz.t("eligible") },
    ...reasons.map((key, place) => ({ key, colour: ramp[place % ramp.length], label: nz.term(key), pale: true })),
  ];
  return { theme, values: null, of, classes, unit: "" };
};

const VIEWS = { amount: amountView, landuse: landuseView, phase: phaseView, network: networkView, review: reviewView, star: starView, siting: sitingView };
nz.view = (id) => {
  const theme = nz.theme(id);
  const view = VIEWS[theme.kind](theme);
  view.count = {};
  view.of.forEach((key) => { view.count[key] = (view.count[key] || 0) + 1; });
  view.colour = Object.fromEntries(view.classes.map((row) => [row.key, row.colour]));
  return view;
};
nz.available = (theme) => {
  if (!features[theme.level]()) return false;
  if (theme.kind === "network") return Boolean(P.network[theme.value]);
  if (theme.kind === "review" || theme.kind === "star") return P.review.rows.length > 0;
  if (theme.level === "unit") return Boolean(nz.data.balance[theme.value]);
  if (theme.level === "parcel" && theme.kind === "amount") return Boolean(P.static[theme.value] || P.demand[theme.value] || P.account[theme.value]);
  return true;
};
