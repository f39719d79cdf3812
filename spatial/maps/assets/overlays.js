// What can be ticked on top of a theme.
const C = nz.data.colours;
const over = (style) => ({ pane: "nz-over", renderer: nz.renderers.over, interactive: false, ...style });
const WIDTHS = { motorway: 2, trunk: 1.6, primary: 1.4, secondary: 1, tertiary: 0.8, local: 0.6 };

const streets = () => {
  const group = L.layerGroup();
  for (const [name, rows] of Object.entries(nz.data.streets)) {
    const weight = WIDTHS[name] || 0.6;
    L.polyline(rows.map(nz.decode), over({ color: C.street, weight: weight + 1, opacity: 0.85, smoothFactor: 1.5 })).addTo(group);
    L.polyline(rows.map(nz.decode), over({ color: "#ffffff", weight, opacity: 0.9, smoothFactor: 1.5 })).addTo(group);
  }
  return group;
};

// A name stands on the built parcel nearest the middle of its unit's built land.
const middle = (place) => {
  const P = nz.data.parcels;
  const id = nz.data.units.id[place];
  const members = P.id.map((_, parcel) => parcel).filter((parcel) => P.units[P.unit[parcel]] === id);
  const built = members.filter((parcel) => P.group[parcel] !== "E");
  const spots = (built.length ? built : members).map((parcel) => [nz.polygons[parcel].getBounds().getCenter(), P.static.area_m2[parcel]]);
  if (!spots.length) return L.latLngBounds(nz.decodePolygons(nz.data.units.shape[place]).flat(2)).getCenter();
  const weight = spots.reduce((sum, spot) => sum + spot[1], 0);
  const lat = spots.reduce((sum, [spot, area]) => sum + spot.lat * area, 0) / weight;
  const lng = spots.reduce((sum, [spot, area]) => sum + spot.lng * area, 0) / weight;
  return spots.map(([spot]) => spot).reduce((best, spot) => (spot.distanceTo([lat, lng]) < best.distanceTo([lat, lng]) ? spot : best));
};

// Names that would lie on one another step aside, or wait for a closer look.
const spreadNames = () => {
  const placed = [];
  for (const [button] of nz.unitButtons || []) {
    button.style.marginTop = "0";
    const box = button.getBoundingClientRect();
    const middleLine = (box.top + box.bottom) / 2;
    const clash = (shift) => placed.some((other) => box.left < other.right && box.right > other.left && Math.abs(middleLine + shift - other.y) < 19);
    const shift = [0, 19, -19, 30, -30].find((step) => !clash(step));
    button.style.visibility = shift === undefined ? "hidden" : "";
    if (shift === undefined) continue;
    button.style.marginTop = `${shift}px`;
    placed.push({ left: box.left, right: box.right, y: middleLine + shift });
  }
};

const units = () => {
  const group = L.layerGroup();
  nz.unitButtons = [];
  nz.data.units.shape.forEach((shape, place) => {
    const latlngs = nz.decodePolygons(shape);
    L.polygon(latlngs, over({ fill: false, color: "#ffffff", weight: 3.4, opacity: 0.7 })).addTo(group);
    L.polygon(latlngs, over({ fill: false, color: C.unit, weight: 1.3, dashArray: "7 3 2 3" })).addTo(group);
    const id = nz.data.units.id[place];
    const button = nz.h("button", { type: "button", class: "nz-unit", "data-unit": id, onclick: (event) => { event.stopPropagation(); nz.openUnit(id); } });
    nz.unitButtons.push([button, place]);
    L.marker(middle(place), { icon: L.divIcon({ html: button, className: "nz-unit-mark", iconSize: null }), keyboard: false, interactive: false }).addTo(group);
  });
  nameUnits();
  nz.map.on("zoomend", () => requestAnimationFrame(spreadNames));
  return group;
};
const nameUnits = () => {
  (nz.unitButtons || []).forEach(([button, place]) => {
    const name = nz.name(nz.data.units, place);
    nz.empty(button, name);
    button.setAttribute("aria-label", `${nz.t("unit")} ${name}`);
  });
  requestAnimationFrame(spreadNames);
};

// Width by diameter; dashed while not yet laid in the year shown.
nz.pipeWeight = (dn) => 1.4 + Math.sqrt(dn) / 5.2;
const pipes = () => {
  const group = L.layerGroup();
  const table = nz.data.pipes;
  nz.pipeLines = table.shape.map((shape, place) => {
    const lines = nz.decodeLines(shape);
    const casing = L.polyline(lines, over({ color: "#ffffff", weight: nz.pipeWeight(table.dn_mm[place]) + 1.8, opacity: 0.9 }));
    const line = L.polyline(lines, over({ color: C[table.network[place]], weight: nz.pipeWeight(table.dn_mm[place]), lineCap: "butt" }));
    return { place, casing, line, latlngs: lines.flat() };
  });
  nz.pipeLines.forEach((row) => row.casing.addTo(group));
  nz.pipeLines.forEach((row) => row.line.addTo(group));
  nz.stationMarks = nz.data.stations ? nz.data.stations.shape.map(([x, y], place) => {
    const spot = L.latLng(y / 1e6, x / 1e6);
    return { spot, mark: L.circleMarker(spot, over({ radius: 7, color: "#ffffff", weight: 2, fillColor: C[nz.data.stations.network[place]], fillOpacity: 1 })).addTo(group) };
  }) : [];
  paintPipes();
  return group;
};
const paintPipes = () => {
  const only = nz.theme().kind === "network" ? nz.theme().value : null;
  (nz.pipeLines || []).forEach(({ place, line, casing }) => {
    const shown = !only || nz.data.pipes.network[place] === only;
    const laid = nz.data.pipes.phase_year[place] <= nz.state.year;
    line.setStyle({ opacity: shown ? 1 : 0, dashArray: laid ? null : "5 5" });
    casing.setStyle({ opacity: shown && laid ? 0.9 : 0 });
  });
  (nz.stationMarks || []).forEach(({ mark }, place) => {
    const shown = !only || nz.data.stations.network[place] === only;
    mark.setStyle({ opacity: shown ? 1 : 0, fillOpacity: shown ? 1 : 0 });
  });
};
nz.stationShown = (place) => nz.theme().kind !== "network" || nz.data.stations.network[place] === nz.theme().value;
nz.pipeShown = (place) => nz.theme().kind !== "network" || nz.data.pipes.network[place] === nz.theme().value;

const turbines = () => {
  const group = L.layerGroup();
  const table = nz.data.turbines;
  nz.turbinePoints = table.shape.map(([x, y]) => L.latLng(y / 1e6, x / 1e6));
  const dots = nz.turbinePoints.map((point, place) => {
    const ring = L.circle(point, over({ radius: table.ring_m[place], fill: false, color: C.turbine, weight: 0.9, dashArray: "3 3" })).addTo(group);
    const dot = L.circleMarker(point, over({ fillColor: C.turbine, fillOpacity: 1, color: "#ffffff" })).addTo(group);
    return [ring, dot];
  });
  // Far out a hundred turbines are a texture; close in each has its ring.
  const size = () => {
    const near = Math.max(0, Math.min(1, (nz.map.getZoom() - 9.5) / 3));
    dots.forEach(([ring, dot]) => {
      ring.setStyle({ opacity: near > 0.45 ? 0.7 : 0 });
      dot.setStyle({ weight: 0.4 + near });
      dot.setRadius(1.7 + 2.8 * near);
    });
  };
  size();
  nz.map.on("zoomend", size);
  return group;
};

const constraints = () => {
  const group = L.layerGroup();
  const table = nz.data.exclusions;
  const kinds = [...new Set(table.kind)];
  table.shape.forEach((shape, place) => {
    const colour = nz.data.ramps.set[kinds.indexOf(table.kind[place]) % nz.data.ramps.set.length];
    L.polygon(nz.decodePolygons(shape), over({ color: colour, weight: 1.6, dashArray: "6 4", fillColor: colour, fillOpacity: 0.1 })).addTo(group);
  });
  if (nz.data.sea_area) {
    nz.data.sea_area.shape.forEach((shape) => L.polygon(nz.decodePolygons(shape), over({ fill: false, color: C.turbine, weight: 1.4, dashArray: "2 5" })).addTo(group));
  }
  return group;
};

const online = (row) => () => L.tileLayer(row[1], { maxNativeZoom: 18, maxZoom: 19 });

nz.overlays = [
  { id: "streets", has: nz.data.streets, make: streets, auto: (theme) => theme.level !== "cell" },
  { id: "units", has: nz.data.units, make: units, auto: () => true },
  { id: "sunlight", dated: true, has: nz.data.sunlight, make: () => nz.sunlightLayer(), auto: () => false },
  { id: "roofs", dated: true, has: nz.data.roofs, make: () => nz.roofsLayer(), far: () => nz.roofsFar(), auto: (theme) => theme.group === "sun" },
  { id: "pipes", has: nz.data.pipes, make: pipes, auto: (theme) => theme.group === "networks" },
  { id: "turbines", has: nz.data.turbines, make: turbines, auto: (theme) => theme.group === "wind" },
  { id: "constraints", has: nz.data.exclusions, make: constraints, auto: (theme) => theme.group === "wind" },
  { id: "heat_streets", dated: true, has: nz.data.linear, make: () => nz.demandStreets("heat_streets"), auto: () => false },
  { id: "cold_streets", dated: true, has: nz.data.linear, make: () => nz.demandStreets("cold_streets"), auto: () => false },
  { id: "clusters", dated: true, has: nz.data.clusters, make: () => nz.clusterAreas(), auto: (theme) => theme.level === "density" },
  ...nz.data.options.online.map((row) => ({ id: row[0], has: true, make: online(row), auto: () => false, online: true, credit: row[2] })),
].filter((row) => row.has);

nz.ticked = {}; // the reader's own choice, once made
nz.isShown = (row) => (nz.ticked[row.id] === undefined ? row.auto(nz.theme()) : nz.ticked[row.id]);
nz.overlayName = (row) => `${nz.t(`overlay.${row.id}`)}${row.dated ? ` · ${nz.targetYear}` : ""}${row.far && row.far() ? ` ${nz.t("overlay.far")}` : ""}`;
nz.showOverlays = () => {
  let tiles = false;
  for (const row of nz.overlays) {
    const shown = nz.isShown(row);
    tiles = tiles || (shown && row.online);
    if (shown) {
      row.layer = row.layer || row.make();
      if (!nz.map.hasLayer(row.layer)) row.layer.addTo(nz.map);
    } else if (row.layer) row.layer.remove();
  }
  nz.orderDistricts();
  nz.map.getPane("nz-base").style.display = tiles ? "none" : "";
  nz.onTiles = tiles;
  nz.fadeParcels();
};
// Parcels step back behind a base map, and behind roofs or light that are drawn in the colours of their theme.
nz.fadeParcels = () => {
  const behind = nz.theme().ramp === "sun" && (nz.sunlightShown() || nz.roofsDrawn());
  nz.map.getPane("overlayPane").style.opacity = behind ? 0.3 : nz.onTiles ? 0.62 : 1;
};
nz.tick = (id, shown) => {
  nz.ticked[id] = shown;
  nz.showOverlays();
  nz.nameOverlays();
  nz.renderLegend();
  nz.renderSources();
};

nz.on((changed) => {
  if (changed.has("theme")) nz.showOverlays();
  if (changed.has("lang")) nameUnits();
  if (["theme", "year"].some((key) => changed.has(key))) paintPipes();
});
