// The state of the page: one object, changed only through nz.set, which tells everybody what changed.
nz.data = JSON.parse(document.getElementById("nz-data").textContent);
nz.years = nz.data.meta.years;
nz.firstYear = nz.years[0];
nz.lastYear = nz.years[nz.years.length - 1];
nz.targetYear = nz.lastYear; // of what is worked out for the target only: density, streets, clusters, roofs
nz.runs = nz.data.meta.scenarios; // the scenarios that were worked out, the reference first, the plan last
nz.base = nz.runs[0];
nz.plan = nz.runs[nz.runs.length - 1];
nz.scenarios = nz.plan === nz.base ? [nz.base] : [...nz.runs, "difference"];

nz.state = {
  theme: nz.data.options.theme,
  year: nz.lastYear,
  scenario: nz.plan, // one of the runs, or the difference between the one compared and the reference
  compared: nz.plan, // the run that stands against the reference
  lang: nz.data.options.language,
  parcel: null, // index of the open parcel
  unit: null, // id of the open planning unit
  card: null, // parcel, unit, zone, cell, turbine, pipe, street, cluster, roof
  pick: null, // what a cell, turbine, pipe, street, cluster or roof card shows
  light: null, // function(parcel index) -> whether the parcel is lit
};

const listeners = [];
nz.on = (listener) => listeners.push(listener);
nz.set = (patch) => {
  const changed = new Set();
  const wanted = { ...patch };
  if (nz.runs.includes(patch.scenario) && patch.scenario !== nz.base) wanted.compared = patch.scenario;
  for (const [key, value] of Object.entries(wanted)) {
    if (nz.state[key] !== value) {
      nz.state[key] = value;
      changed.add(key);
    }
  }
  if (changed.has("compared")) changed.add("scenario");
  if (changed.size) listeners.forEach((listener) => listener(changed));
};

nz.side = () => (nz.state.lang === "zh" ? 0 : 1);
nz.t = (key) => (nz.data.texts[key] || [key, key])[nz.side()];
nz.term = (key) => (nz.data.terms[key] || nz.data.texts[key] || [key, key])[nz.side()];
nz.name = (table, place) => (nz.side() ? table.name_en : table.name_zh)[place];
nz.shown = () => (nz.state.scenario === "difference" ? nz.state.compared : nz.state.scenario);
nz.measureName = (key) => (nz.data.measures[key] || [nz.term(key), nz.term(key)])[nz.side()];
nz.scenarioColour = (key) => nz.data.colours[key] || nz.data.ramps.variant[nz.runs.indexOf(key) % nz.data.ramps.variant.length];
nz.scenarioName = (key) => nz.t(`scenario.${key}`);
nz.quantity = (name) => (nz.data.quantities[name] || [name, name])[nz.side()];
nz.theme = (id) => nz.data.themes.find((row) => row.id === (id || nz.state.theme));
nz.themeName = (row) => (nz.side() ? row.en : row.zh);
nz.yearIndex = () => nz.years.indexOf(nz.state.year);

// Text of the user's never becomes markup: strings are always text nodes.
nz.h = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "style") Object.assign(node.style, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  nz.fill(node, ...children);
  return node;
};
nz.fill = (node, ...children) => {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child.nodeType ? child : document.createTextNode(String(child)));
  }
  return node;
};
nz.empty = (node, ...children) => {
  node.textContent = "";
  return nz.fill(node, ...children);
};

// Outlines come as first point and steps, in millionths of a degree.
nz.decode = (steps) => {
  const ring = [];
  let x = 0;
  let y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    ring.push([y / 1e6, x / 1e6]);
  }
  return ring;
};
nz.decodePolygons = (shape) => (shape || []).map((polygon) => polygon.map(nz.decode));
nz.decodeLines = (shape) => (shape || []).map(nz.decode);

nz.debounce = (wait, action) => {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), wait);
  };
};
