// Heat and cold along the streets, and the clusters where they are dense: overlays, their legend, their cards.
const S = nz.data.linear;
const K = nz.data.clusters;
const C = nz.data.colours;
const STREETS = {
  heat_streets: { value: "heat_mwh_m", ramp: "heat", name: "street.heat", weight: 7.4 },
  cold_streets: { value: "cold_mwh_m", ramp: "cold", name: "street.cold", weight: 2.6, gap: 3.6 }, // on top of heat with a white gap, both can be seen
};
const UNIT = "MWh/m";
const INK = { heat: C.cluster_heat, cold: C.cluster_cold };
const DASH = { heat: "9 5", cold: "2 5" }; // told apart without colour too
const year = nz.targetYear;
const over = (style) => ({ pane: "nz-over", renderer: nz.renderers.over, interactive: false, ...style });
const shown = (id) => nz.overlays.some((row) => row.id === id && nz.isShown(row));

// Few steps, so that a thin line still tells them apart; the palest one is left out.
const scales = {};
const scaleOf = (id) => {
  if (!scales[id]) {
    const ramp = nz.data.ramps[STREETS[id].ramp].slice(1);
    const breaks = nz.breaks(S[STREETS[id].value], ramp.length);
    scales[id] = { breaks, colours: nz.spread(ramp, breaks.length + 1) };
  }
  return scales[id];
};
// Far out lines are thin, so that a district does not become one blot.
const near = () => Math.max(0.4, Math.min(1, (nz.map.getZoom() - 10) / 4));
const thickened = [];
const widen = ([line, full, halo]) => line.setStyle({ weight: full * near() + halo });
const thick = (line, weight, halo = 0) => {
  if (!thickened.length) nz.map.on("zoomend", () => thickened.forEach(widen));
  thickened.push([line, weight, halo]);
  widen([line, weight, halo]);
  return line;
};
const lines = S ? S.shape.map(nz.decodeLines) : [];
nz.demandStreets = (id) => {
  const { value, weight, gap } = STREETS[id];
  const { breaks, colours } = scaleOf(id);
  const group = L.layerGroup();
  const drawn = S[value].map((amount, place) => [amount, place]).filter(([amount]) => amount > 0).sort((a, b) => a[0] - b[0]);
  const draw = (width, halo, style) => drawn.map(([amount, place]) => thick(L.polyline(lines[place], over(style(amount))), width, halo).addTo(group));
  const white = () => ({ color: "#ffffff" });
  // A white casing with a dark rim, of the same width at every zoom, parts a line from parcels of its own colour.
  group.casing = [...draw(weight, 3.6, () => ({ color: C.rim, opacity: 0.75 })), ...draw(weight, 2.4, white)];
  group.line = [...(gap ? draw(gap, 0, white) : []), ...draw(weight, 0, (amount) => ({ color: colours[nz.classOf(amount, breaks)] }))];
  return group;
};
// In whichever order they are ticked: casings, heat, cold, clusters.
nz.orderDistricts = () => {
  const [heat, cold, clusters] = ["heat_streets", "cold_streets", "clusters"].map((id) => {
    const row = nz.overlays.find((other) => other.id === id);
    return row && row.layer && nz.map.hasLayer(row.layer) ? row.layer : null;
  });
  const front = (rows) => rows.forEach((line) => line.bringToFront());
  for (const layer of [cold, heat]) if (layer) front(layer.casing);
  for (const layer of [heat, cold]) if (layer) front(layer.line);
  if (clusters) front(clusters.getLayers());
};

// With the raster of one carrier only its clusters are shown.
const wanted = (place) => {
  const { level, ramp } = nz.theme();
  return level !== "density" || K.carrier[place] === ramp;
};
const colourOf = (carrier) => C[carrier === "heat" ? "heating" : "cooling"];
const outlines = K ? K.shape.map(nz.decodePolygons) : [];
nz.clusterAreas = () => {
  const group = L.layerGroup();
  nz.clusterShapes = outlines.map((latlngs, place) => {
    const edge = (color, halo, dashArray) => thick(L.polygon(latlngs, over({ fill: false, color, dashArray, lineCap: "butt" })), 1.6, halo).addTo(group);
    return [edge("#ffffff", 3.4, null), edge(INK[K.carrier[place]], 0.8, DASH[K.carrier[place]])];
  });
  paint();
  return group;
};
const paint = () => (nz.clusterShapes || []).forEach(([casing, edge], place) => {
  casing.setStyle({ opacity: wanted(place) ? 0.9 : 0 });
  edge.setStyle({ opacity: wanted(place) ? 1 : 0 });
});

nz.districtKeys = (key) => {
  const rows = [];
  for (const [id, street] of Object.entries(STREETS)) {
    if (!shown(id)) continue;
    const { breaks, colours } = scaleOf(id);
    rows.push(nz.h("li", { class: "nz-over-title", "data-key": id }, `${nz.t(street.name)} ${nz.unitText(UNIT)} · ${year}`));
    colours.forEach((colour, place) => rows.push(key(colour, nz.rangeText(breaks, place, 1), "", street.weight)));
  }
  if (shown("clusters")) {
    rows.push(nz.h("li", { class: "nz-over-title", "data-key": "clusters" }, `${nz.t("overlay.clusters")} · ${year}`));
    for (const carrier of ["heat", "cold"]) {
      const count = K.carrier.filter((name, place) => name === carrier && wanted(place)).length;
      if (count) rows.push(key(INK[carrier], `${nz.t(`cluster.${carrier}`)} (${count})`, carrier === "heat" ? "dashed" : "dotted", 3));
    }
    rows.push(nz.h("li", { class: "nz-over-hint" }, nz.t("cluster.hint")));
  }
  return rows;
};

const kind = () => nz.kindOf("assumed", "parcels controls");
// The rows of a card, named by the glossary unless they need a word more here; three digits and a unit.
const named = (name) => (nz.data.texts[`street.${name}`] ? nz.t(`street.${name}`) : nz.term(name));
const figures = (table, place, names) => nz.h("dl", {}, names.filter(([name]) => table[name][place] !== null).map(([name, unit]) =>
  nz.line(named(name), ...nz.amount(table[name][place], unit), kind(), name)));
const count = (key, value) => nz.line(nz.t(key), nz.count(value), "", kind(), key);

const dated = (key) => `${nz.t(key)} · ${year}`;
// Whether the parcels of a street peak in different hours, as far as three digits can tell.
const apart = (place) => ["heating", "cooling"].some((load) => S[`diversity_${load}`][place] !== null && S[`diversity_${load}`][place] < 0.995);

nz.cards.street = {
  kicker: () => nz.t("street"),
  title: () => S.name[nz.state.pick] || S.id[nz.state.pick],
  body: () => {
    const place = nz.state.pick;
    const rows = (load, heat) => [heat ? ["heat_mwh_m", UNIT] : ["cold_mwh_m", UNIT], [`${load}_mwh`, "MWh"], ...(heat ? [["hot_water_mwh", "MWh"]] : []), [`${load}_peak_kw`, "kW"], [`${load}_peak_sum_kw`, "kW"], [`diversity_${load}`, "1"]];
    return [
      nz.section(S.name[place] ? S.id[place] : nz.t("street"), nz.h("dl", {}, nz.line(nz.t("length"), ...nz.amount(S.length_m[place], "m"), kind(), "length_m"), count("parcels.count", S.parcels[place]))),
      nz.section(dated("street.heat"), figures(S, place, rows("heating", true))),
      nz.section(dated("street.cold"), figures(S, place, rows("cooling", false))),
      nz.h("p", { class: "nz-note" }, nz.t("street.note"), apart(place) ? ` ${nz.t("street.peaks")}` : null),
      nz.kinds(),
    ];
  },
};

nz.cards.cluster = {
  kicker: () => nz.t(`cluster.${K.carrier[nz.state.pick]}`),
  title: () => K.id[nz.state.pick],
  body: () => {
    const place = nz.state.pick;
    const carrier = K.carrier[place];
    const load = K.load_kw[place];
    return [
      nz.section(dated("cluster"), nz.h("dl", {}, count("cells.count", K.cells[place]), count("parcels.count", K.parcels[place])),
        figures(K, place, [["area_m2", "m²"], ["demand_mwh", "MWh"], ["density_mwh_ha", "MWh/ha"], ["peak_kw", "kW"], ["peak_sum_kw", "kW"], ["diversity", "1"], ["full_load_h", "h"]])),
      load ? nz.h("section", {}, nz.chartDuration({ title: nz.t("cluster.load"), series: [{ name: nz.t("peak"), colour: colourOf(carrier), values: load }], unit: "kW", id: "chart-cluster" })) : null,
      nz.h("p", { class: "nz-note" }, nz.t("cluster.note")),
      nz.kinds(),
    ];
  },
};
nz.clusterOutline = (place) => outlines[place];
nz.streetLine = (place) => lines[place];

// What lies under the mouse: the nearest line of a shown overlay, or the nearest outline of a cluster; inside it are parcels.
const away = (parts, point, closed) => {
  let least = Infinity;
  for (const part of parts) {
    const spots = part.map((spot) => nz.map.latLngToContainerPoint(spot));
    if (closed) spots.push(spots[0]);
    for (let i = 1; i < spots.length; i += 1) least = Math.min(least, L.LineUtil.pointToSegmentDistance(point, spots[i - 1], spots[i]));
  }
  return least;
};
const REACH = 7; // [px]
const boxes = (shapes) => shapes.map((parts) => L.latLngBounds(parts.flat()));
const rings = outlines.map((polygons) => polygons.flat());
const lineBoxes = boxes(lines);
const ringBoxes = boxes(rings);
const closest = (shapes, around, event, counts, closed) => {
  const point = event.containerPoint;
  const corner = (sign) => nz.map.containerPointToLatLng(point.add([sign * REACH, sign * REACH]));
  const here = L.latLngBounds(corner(-1), corner(1));
  const found = shapes.map((parts, place) => (counts(place) && around[place].intersects(here) ? away(parts, point, closed) : Infinity));
  const least = found.reduce((a, b) => Math.min(a, b), REACH);
  if (least >= REACH) return -1;
  if (!closed) return found.indexOf(least);
  // of two outlines that share an edge the smaller is meant
  return found.reduce((small, px, place) => (px < least + 1.5 && (small < 0 || K.area_m2[place] < K.area_m2[small]) ? place : small), -1);
};
nz.districtAt = (event) => {
  const values = Object.keys(STREETS).filter(shown).map((id) => S[STREETS[id].value]);
  const street = values.length ? closest(lines, lineBoxes, event, (place) => values.some((value) => value[place] > 0), false) : -1;
  if (street >= 0) return ["street", street];
  const cluster = shown("clusters") ? closest(rings, ringBoxes, event, wanted, true) : -1;
  return cluster >= 0 ? ["cluster", cluster] : null;
};
// What the mouse says of it: what a click will open.
nz.districtName = ([card, place]) => {
  if (card === "cluster") return [K.id[place], `${nz.t(`cluster.${K.carrier[place]}`)} · ${year}`];
  const said = Object.values(STREETS).filter((_, i) => shown(Object.keys(STREETS)[i])).map(({ value }) => nz.number(S[value][place])).join(" / ");
  return [S.name[place] || S.id[place], `${said} ${nz.unitText(UNIT)} · ${year}`];
};

nz.on((changed) => {
  if (changed.has("theme")) paint();
});
