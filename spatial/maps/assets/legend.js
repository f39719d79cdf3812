// The legend of the theme: classes with counts, a tiny histogram, hovering lights the parcels.
const node = nz.h("section", { id: "nz-legend", class: "nz-panel", "aria-live": "off" });
let pinned = null;
const opened = new Set(); // groups of land use whose classes are shown

const test = (view, keys) => {
  const wanted = new Set(keys.map(String));
  if (view.theme.level === "parcel" || view.theme.level === "unit") return (place) => wanted.has(String(nz.keyOf(place)));
  return (place) => wanted.has(String(view.of[place]));
};

const row = (view, entry, keys, most) => {
  const count = keys.reduce((sum, key) => sum + (view.count[key] || 0), 0);
  const light = () => nz.set({ light: test(view, keys) });
  const dark = () => nz.set({ light: pinned ? pinned.test : null });
  const name = String(entry.key);
  const pin = () => {
    pinned = pinned && pinned.name === name ? null : { name, test: test(view, keys) };
    nz.set({ light: pinned ? pinned.test : null });
    node.querySelectorAll("button.nz-class").forEach((button) => button.setAttribute("aria-pressed", String(Boolean(pinned && pinned.name === button.dataset.key))));
  };
  return nz.h("button", { type: "button", class: "nz-class", "data-key": name, "aria-pressed": String(Boolean(pinned && pinned.name === name)), onmouseenter: light, onmouseleave: dark, onfocus: light, onblur: dark, onclick: pin },
    nz.h("i", { class: entry.key === "none" ? "nz-swatch hatched" : "nz-swatch", style: entry.key === "none" ? {} : { background: entry.colour } }),
    nz.h("span", { class: "nz-class-name" }, entry.label),
    nz.h("span", { class: "nz-class-bar", "aria-hidden": "true" }, nz.h("b", { style: { width: `${most ? (100 * count) / most : 0}%` } })),
    nz.h("span", { class: "nz-class-count" }, nz.count(count)));
};

// Twenty-four bars of equal width up to the 98th percentile.
const histogram = (view) => {
  const values = (view.values || []).filter((value) => value !== null && (view.difference || value > 0)).sort((a, b) => a - b);
  if (values.length < 20) return null;
  const least = values[Math.floor(values.length * 0.02)];
  const high = values[Math.floor(values.length * 0.98)];
  // Values that all lie far from zero are shown from where they begin.
  const low = view.difference || least > high * 0.4 ? least : 0;
  const bins = new Array(24).fill(0);
  values.forEach((value) => {
    const bin = Math.floor(((value - low) / (high - low || 1)) * 24);
    if (bin >= 0) bins[Math.min(23, bin)] += 1;
  });
  const most = Math.max(...bins);
  const ladder = view.classes.filter((entry) => entry.key !== "zero");
  const bars = bins.map((count, bin) => {
    const value = low + ((bin + 0.5) / 24) * (high - low);
    const size = count ? Math.max(1, (30 * count) / most) : 0;
    return nz.s("rect", { x: bin * 10, width: 9, y: 30 - size, height: size, fill: ladder[nz.classOf(value, view.breaks)].colour, stroke: "#8f99a2", "stroke-width": 0.35 });
  });
  const say = (value) => nz.number(value / view.divisor);
  return nz.h("div", { class: "nz-histogram", "aria-hidden": "true" },
    nz.s("svg", { viewBox: "0 0 240 31", preserveAspectRatio: "none" }, bars, nz.s("line", { x1: 0, x2: 240, y1: 30.5, y2: 30.5, stroke: "#8f99a2", "stroke-width": 0.7 })),
    nz.h("div", {}, nz.h("span", {}, say(low)), nz.h("span", {}, `${view.theme.level === "parcel" ? nz.t("parcels") : ""}`), nz.h("span", {}, view.difference ? say(high) : `${say(high)}+`)));
};

const landuseRows = (view) => {
  const byGroup = {};
  view.classes.forEach((entry) => (byGroup[entry.group] = byGroup[entry.group] || []).push(entry));
  const area = {};
  view.of.forEach((key, place) => { area[key] = (area[key] || 0) + nz.data.parcels.static.area_m2[place]; });
  const total = (entries) => entries.reduce((sum, entry) => sum + (view.count[entry.key] || 0), 0);
  const order = Object.keys(byGroup).sort((a, b) => "RABMWSUGHE".indexOf(a) - "RABMWSUGHE".indexOf(b));
  const most = Math.max(...order.map((group) => total(byGroup[group])));
  return order.map((group) => {
    const entries = byGroup[group];
    // A group takes the colour of the class that covers most of it.
    const colour = entries.reduce((best, entry) => (area[entry.key] > area[best.key] ? entry : best)).colour;
    const label = `${group} ${nz.t(`use.${group}`)}`;
    const whole = row(view, { key: group, colour, label }, entries.map((entry) => entry.key), most);
    if (entries.length === 1) return whole;
    const open = opened.has(group);
    const toggle = nz.h("button", { type: "button", class: "nz-group-toggle", "data-group": group, "aria-expanded": String(open), "aria-label": `${nz.t("subclasses")} ${label}`, onclick: () => { opened[open ? "delete" : "add"](group); nz.renderLegend(); } }, open ? "▾" : "▸");
    return nz.h("div", { class: "nz-group" }, whole, toggle, open ? nz.h("div", { class: "nz-sub" }, entries.map((entry) => row(view, entry, [entry.key], most))) : null);
  });
};

const overlayRows = () => {
  const shown = nz.overlays.filter((entry) => entry.layer && nz.isShown(entry));
  const rows = [];
  const key = (colour, text, kind, weight) => nz.h("li", {}, nz.h("i", { class: `nz-line ${kind}`, style: { borderColor: colour, borderTopWidth: weight ? `${weight}px` : null } }), text);
  const line = (...entry) => rows.push(key(...entry));
  rows.push(...nz.sunlightKeys(), ...nz.roofKeys(), ...nz.districtKeys(key));
  if (shown.some((entry) => entry.id === "pipes")) {
    const table = nz.data.pipes;
    const networks = [...new Set(table.network)].filter((name) => nz.theme().kind !== "network" || nz.theme().value === name);
    for (const name of networks) {
      const sizes = [...new Set(table.dn_mm.filter((_, place) => table.network[place] === name))].sort((a, b) => a - b);
      const picked = [...new Set([sizes[0], sizes[Math.floor(sizes.length / 2)], sizes[sizes.length - 1]])];
      picked.forEach((dn) => line(nz.data.colours[name], `${nz.t(`pipe.${name}`)} DN${dn}`, "", nz.pipeWeight(dn)));
    }
    const later = table.phase_year.some((year, place) => year > nz.state.year && networks.includes(table.network[place]));
    if (later) line(nz.data.colours.unit, `${nz.t("laid.later")} ${nz.state.year}`, "dashed");
    if (nz.data.stations) networks.forEach((name) => rows.push(nz.h("li", {}, nz.h("i", { class: "nz-dot", style: { background: nz.data.colours[name] } }), nz.t(`plant.${name}`))));
  }
  if (shown.some((entry) => entry.id === "turbines")) {
    rows.push(nz.h("li", {}, nz.h("i", { class: "nz-dot", style: { background: nz.data.colours.turbine } }), `${nz.t("turbine")} (${nz.count(nz.data.turbines.id.length)}), ${nz.t("ring")}`));
  }
  if (shown.some((entry) => entry.id === "constraints")) {
    const kinds = [...new Set(nz.data.exclusions.kind)];
    kinds.forEach((kind, place) => line(nz.data.ramps.set[place % nz.data.ramps.set.length], nz.term(`exclusion.${kind}`), "dashed"));
  }
  return rows.length ? nz.h("ul", { class: "nz-over-key" }, rows) : null;
};

nz.renderLegend = () => {
  const view = nz.current;
  const unit = view.unit || "";
  const open = node.dataset.open !== "no";
  const none = view.count.none || 0;
  const most = Math.max(0, ...view.classes.map((entry) => view.count[entry.key] || 0), none);
  const classes = view.theme.kind === "landuse" ? landuseRows(view) : view.classes.filter((entry) => view.theme.kind === "amount" || view.count[entry.key]).map((entry) => row(view, entry, [entry.key], most));
  if (none && view.theme.level !== "cell") classes.push(row(view, { key: "none", label: nz.t(view.theme.group === "review" ? "no.rule" : "no.value") }, ["none"], most));
  const when = [];
  if (nz.hasYears() && view.theme.kind !== "phase") when.push(nz.state.year);
  if (view.theme.level === "density") when.push(nz.t("target.year").replace("{year}", nz.targetYear));
  if (nz.hasScenarios()) when.push(nz.scenarioName(nz.state.scenario));
  const counted = { parcel: "count.parcels", unit: "count.units", cell: "count.cells", density: "count.cells" }[view.theme.level];
  nz.empty(node,
    nz.h("button", { type: "button", class: "nz-legend-title", "aria-expanded": String(open), onclick: () => { node.dataset.open = open ? "no" : "yes"; nz.renderLegend(); } },
      nz.h("span", {}, nz.themeName(view.theme), unit ? nz.h("em", {}, ` ${unit}`) : null),
      nz.h("span", { class: "nz-legend-when" }, when.join(" · "))),
    open ? nz.h("div", { class: "nz-legend-body" }, histogram(view), nz.h("div", { class: "nz-classes" }, classes), nz.h("p", { class: "nz-legend-note" }, nz.t(counted)), overlayRows()) : null);
  node.setAttribute("aria-label", nz.t("legend"));
};
nz.legendNode = node;

nz.on((changed) => {
  if (changed.has("theme") || changed.has("scenario")) {
    pinned = null;
    if (nz.state.light) nz.set({ light: null });
  }
  if (["theme", "year", "scenario", "lang"].some((key) => changed.has(key))) nz.renderLegend();
});
