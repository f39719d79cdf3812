// Heat and cold along the streets, and the clusters where they are dense: overlays, their legend, their cards.
const S = nz.data.linear;
const K = nz.data.clusters;
const C = nz.data.colours;
const STREETS = {
  heat_streets: { value: "heat_mwh_m", ramp: "heat", name: "street.heat", weight: 5.6 },
  cold_streets: { value: "cold_mwh_m", ramp: "cold", name: "street.cold", weight: 2.8 }, // on top of heat, both can be seen
};
const UNIT = "MWh/m";
const DARK = "#12202e";
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
const thick = (line, weight) => {
  if (!thickened.length) nz.map.on("zoomend", () => thickened.forEach(([drawn, full]) => drawn.setStyle({ weight: full * near() })));
  thickened.push([line, weight]);
  line.setStyle({ weight: weight * near() });
  return line;
};
const lines = S ? S.shape.map(nz.decodeLines) : [];
nz.demandStreets = (id) => {
  const { value, weight } = STREETS[id];
  const { breaks, colours } = scaleOf(id);
  const group = L.layerGroup();
  const drawn = S[value].map((amount, place) => [amount, place]).filter(([amount]) => amount > 0).sort((a, b) => a[0] - b[0]);
  const draw = (width, style) => drawn.forEach(([amount, place]) => thick(L.polyline(lines[place], over(style(amount))), width).addTo(group));
  if (id === "heat_streets") draw(weight + 1.8, () => ({ color: "#ffffff", opacity: 0.9 }));
  draw(weight, (amount) => ({ color: colours[nz.classOf(amount, breaks)] }));
  return group;
};
// Heat is ticked after cold as well as before it, and is drawn below in either case.
nz.orderStreets = () => {
  const cold = nz.overlays.find((row) => row.id === "cold_streets");
  if (cold && cold.layer && nz.map.hasLayer(cold.layer)) cold.layer.eachLayer((line) => line.bringToFront());
};

// With the raster of one carrier only its clusters are shown.
const wanted = (place) => {
  const { level, ramp } = nz.theme();
  return level !== "density" || K.carrier[place] === ramp;
};
const colourOf = (carrier) => C[carrier === "heat" ? "heating" : "cooling"];
const edgeOf = (carrier) => (nz.theme().level === "density" ? DARK : colourOf(carrier)); // a red edge is lost on red cells
const outlines = K ? K.shape.map(nz.decodePolygons) : [];
nz.clusterAreas = () => {
  const group = L.layerGroup();
  nz.clusterShapes = outlines.map((latlngs, place) => {
    const casing = thick(L.polygon(latlngs, over({ fill: false, color: "#ffffff" })), 4).addTo(group);
    return [casing, thick(L.polygon(latlngs, over({ fillColor: colourOf(K.carrier[place]) })), 2).addTo(group)];
  });
  paint();
  return group;
};
const paint = () => (nz.clusterShapes || []).forEach(([casing, area], place) => {
  const on = wanted(place);
  casing.setStyle({ opacity: on ? 0.85 : 0 });
  area.setStyle({ color: edgeOf(K.carrier[place]), opacity: on ? 1 : 0, fillOpacity: on && nz.theme().level !== "density" ? 0.16 : 0 });
});

nz.districtKeys = (key) => {
  const rows = [];
  for (const [id, street] of Object.entries(STREETS)) {
    if (!shown(id)) continue;
    const { breaks, colours } = scaleOf(id);
    rows.push(nz.h("li", { class: "nz-over-title", "data-key": id }, `${nz.t(street.name)} ${nz.unitText(UNIT)}`));
    colours.forEach((colour, place) => rows.push(key(colour, nz.rangeText(breaks, place, 1), "", street.weight)));
  }
  if (shown("clusters")) {
    for (const carrier of ["heat", "cold"]) {
      const count = K.carrier.filter((name, place) => name === carrier && wanted(place)).length;
      if (count) rows.push(key(edgeOf(carrier), `${nz.t(`cluster.${carrier}`)} (${count})`, "", 3));
    }
  }
  return rows;
};

const kind = () => nz.kindOf("assumed", "parcels controls");
// The rows of a card, named by the glossary; three digits and a unit.
const figures = (table, place, names) => nz.h("dl", {}, names.filter(([name]) => table[name][place] !== null).map(([name, unit]) =>
  nz.line(nz.term(name), ...nz.amount(table[name][place], unit), kind(), name)));
const count = (key, value) => nz.line(nz.t(key), nz.count(value), "", kind(), key);

nz.cards.street = {
  kicker: () => nz.t("street"),
  title: () => S.name[nz.state.pick] || S.id[nz.state.pick],
  body: () => {
    const place = nz.state.pick;
    const rows = (load, heat) => [heat ? ["heat_mwh_m", UNIT] : ["cold_mwh_m", UNIT], [`${load}_mwh`, "MWh"], ...(heat ? [["hot_water_mwh", "MWh"]] : []), [`${load}_peak_kw`, "kW"], [`${load}_peak_sum_kw`, "kW"], [`diversity_${load}`, "1"]];
    return [
      nz.section(S.name[place] ? S.id[place] : nz.t("street"), nz.h("dl", {}, nz.line(nz.t("length"), ...nz.amount(S.length_m[place], "m"), kind(), "length_m"), count("parcels.count", S.parcels[place]))),
      nz.section(nz.t("street.heat"), figures(S, place, rows("heating", true))),
      nz.section(nz.t("street.cold"), figures(S, place, rows("cooling", false))),
      nz.h("p", { class: "nz-note" }, nz.t("street.note")),
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
      nz.section(nz.t("cluster"), nz.h("dl", {}, count("cells.count", K.cells[place]), count("parcels.count", K.parcels[place])),
        figures(K, place, [["area_m2", "m²"], ["demand_mwh", "MWh"], ["density_mwh_ha", "MWh/ha"], ["peak_kw", "kW"], ["peak_sum_kw", "kW"], ["diversity", "1"], ["full_load_h", "h"]])),
      load ? nz.h("section", {}, nz.chartDuration({ title: nz.t("cluster.load"), series: [{ name: nz.t("peak"), colour: colourOf(carrier), values: load }], unit: "kW", id: "chart-cluster" })) : null,
      nz.h("p", { class: "nz-note" }, nz.t("cluster.note")),
      nz.kinds(),
    ];
  },
};
nz.clusterOutline = (place) => outlines[place];
nz.streetLine = (place) => lines[place];

// What lies under a click: the nearest line of a shown overlay, or the smallest cluster around the place.
const away = (parts, point) => {
  let least = Infinity;
  for (const part of parts) {
    const spots = part.map((spot) => nz.map.latLngToContainerPoint(spot));
    for (let i = 1; i < spots.length; i += 1) least = Math.min(least, L.LineUtil.pointToSegmentDistance(point, spots[i - 1], spots[i]));
  }
  return least;
};
const within = (polygons, { lat, lng }) => polygons.some((rings) => rings.reduce((inside, ring) => {
  let odd = inside;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [y1, x1] = ring[i];
    const [y2, x2] = ring[j];
    if (y1 > lat !== y2 > lat && lng < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
}, false));
nz.districtAt = (event) => {
  const values = Object.keys(STREETS).filter(shown).map((id) => S[STREETS[id].value]);
  let best = -1;
  let least = 7;
  if (values.length) {
    lines.forEach((parts, place) => {
      if (!values.some((value) => value[place] > 0)) return;
      const found = away(parts, event.containerPoint);
      if (found < least) [best, least] = [place, found];
    });
  }
  if (best >= 0) return ["street", best];
  if (!shown("clusters")) return null;
  const around = outlines.map((_, place) => place).filter((place) => wanted(place) && within(outlines[place], event.latlng));
  return around.length ? ["cluster", around.reduce((small, place) => (K.area_m2[place] < K.area_m2[small] ? place : small))] : null;
};

nz.on((changed) => {
  if (changed.has("theme")) paint();
});
