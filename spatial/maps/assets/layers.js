// Land, parcels and cells, coloured by the theme.
const P = nz.data.parcels;
const C = nz.data.colours;

nz.startLayers = (map) => {
  nz.map = map;
  const pane = (name, z) => {
    const made = map.createPane(name);
    made.style.zIndex = z;
    made.style.pointerEvents = "none";
    return made;
  };
  pane("nz-base", 210);
  const cellPane = pane("nz-cells", 420);
  cellPane.style.opacity = 0.82;
  pane("nz-light", 422);
  pane("nz-roofs", 426);
  pane("nz-over", 430);
  pane("nz-mark", 440);
  nz.renderers = {
    base: L.canvas({ pane: "nz-base", padding: 0.3 }),
    parcels: L.canvas({ padding: 0.3 }),
    over: L.canvas({ pane: "nz-over", padding: 0.3 }),
    mark: L.canvas({ pane: "nz-mark", padding: 0.3 }),
  };
  // Canvases of the panes above would otherwise swallow the mouse.
  L.DomUtil.addClass(map.getContainer(), "nz-map");

  nz.baseLayer = L.layerGroup().addTo(map);
  const quiet = (pane_, renderer, style) => ({ pane: pane_, renderer, interactive: false, ...style });
  const land = nz.data.land || nz.data.zone;
  (land ? land.shape : []).forEach((shape) => {
    L.polygon(nz.decodePolygons(shape), quiet("nz-base", nz.renderers.base, { fillColor: C.land, fillOpacity: 1, color: C.shore, weight: 0.8 })).addTo(nz.baseLayer);
  });

  nz.polygons = P.shape.map((shape, place) => {
    const polygon = L.polygon(nz.decodePolygons(shape), { renderer: nz.renderers.parcels, smoothFactor: 0.6, weight: 0.4 });
    polygon.nzPlace = place;
    polygon.on("click", (event) => { nz.clicked = { place, stamp: event.originalEvent }; });
    polygon.on("mouseover", () => nz.hover(place));
    polygon.on("mouseout", () => nz.hover(null));
    return polygon;
  });
  nz.paint();
  nz.polygons.forEach((polygon) => polygon.addTo(map));

  if (nz.data.sea.row) nz.seaLayer = new nz.Cells(nz.data.sea, "nz-cells");
  if (nz.data.density.row) nz.densityLayer = new nz.Cells(nz.data.density, "nz-cells");
  nz.marks = L.layerGroup().addTo(map);
  nz.home();
  nz.paintCells();
  map.on("movestart zoomstart", () => { if (!nz.moving) nz.atHome = false; });
};

// The whole zone, clear of the panels.
nz.home = () => {
  const wide = window.innerWidth > 700;
  const right = ["zone", "unit"].includes(nz.state.card) ? 440 : 40;
  const theme = nz.theme();
  let bounds = L.latLngBounds([]);
  const zone = nz.data.units || nz.data.zone;
  if (theme.level === "cell" && nz.seaLayer) bounds = nz.seaLayer.bounds();
  else if (zone) zone.shape.forEach((shape) => bounds.extend(L.latLngBounds(nz.decodePolygons(shape).flat(2))));
  else nz.polygons.forEach((polygon) => bounds.extend(polygon.getBounds()));
  if (!bounds.isValid()) return;
  nz.moving = true;
  nz.map.fitBounds(bounds, { animate: false, paddingTopLeft: wide ? [300, 140] : [8, 130], paddingBottomRight: wide ? [right, 84] : [8, 180] });
  nz.moving = false;
  nz.atHome = true;
};

let hatch = null;
const hatching = () => {
  if (hatch) return hatch;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 7;
  const pen = tile.getContext("2d");
  pen.fillStyle = C.land;
  pen.fillRect(0, 0, 7, 7);
  pen.strokeStyle = C.none;
  pen.lineWidth = 0.9;
  pen.beginPath();
  for (const shift of [-7, 0, 7]) {
    pen.moveTo(shift, 7);
    pen.lineTo(shift + 7, 0);
  }
  pen.stroke();
  hatch = pen.createPattern(tile, "repeat");
  return hatch;
};

const unitPlace = P.units.map((id) => (nz.data.units ? nz.data.units.id.indexOf(id) : -1));
nz.keyOf = (place) => {
  const view = nz.current;
  if (view.theme.level === "unit") return view.of[unitPlace[P.unit[place]]];
  return view.theme.level === "parcel" ? view.of[place] : "plain";
};

const PLAN = new Set(["landuse", "far", "density_built"]);
nz.styleOf = (place) => {
  const view = nz.current;
  const key = nz.keyOf(place);
  const style = { stroke: true, color: "#ffffff", weight: 0.45, opacity: 0.9, fillOpacity: 0.93 };
  if (key === "plain") return { ...style, fillColor: C.land, color: C.shore, fillOpacity: 0.7, weight: 0.3 };
  if (key === "none" || key === undefined) Object.assign(style, { fillColor: hatching(), color: "#dfe2e4" });
  else Object.assign(style, { fillColor: view.colour[key] || C.none });
  if (key === "zero") style.color = "#dfe2e4";
  if (view.theme.level === "unit") style.color = style.fillColor;
  // In themes of the plan a parcel of a later phase is only hinted at.
  if (PLAN.has(view.theme.id) && !nz.standing(place)) Object.assign(style, { fillOpacity: 0.3, color: view.colour[key] || C.none, opacity: 0.55 });
  const { light } = nz.state;
  if (light) {
    if (light(place)) Object.assign(style, { color: "#1d2733", weight: 1.1, opacity: 1, fillOpacity: 1 });
    else Object.assign(style, { fillOpacity: 0.14, opacity: 0.2 });
  }
  return style;
};

nz.paint = () => {
  nz.current = nz.view();
  nz.polygons.forEach((polygon, place) => polygon.setStyle(nz.styleOf(place)));
};

nz.paintCells = () => {
  const { level } = nz.current.theme;
  for (const [layer, name] of [[nz.seaLayer, "cell"], [nz.densityLayer, "density"]]) {
    if (!layer) continue;
    if (level !== name) {
      layer.remove();
      continue;
    }
    const { light } = nz.state;
    layer.colours = nz.current.of.map((key, place) => {
      if (light && !light(place)) return null;
      return key === "none" || key === "zero" ? null : nz.current.colour[key] || null;
    });
    if (nz.map.hasLayer(layer)) layer.draw();
    else layer.addTo(nz.map);
  }
};

// The open parcel or unit, outlined dark on white.
nz.mark = () => {
  nz.marks.clearLayers();
  const { parcel, unit, card, pick } = nz.state;
  let latlngs = null;
  if (card === "parcel" && parcel !== null) latlngs = nz.polygons[parcel].getLatLngs();
  if (card === "unit" && nz.data.units) latlngs = nz.decodePolygons(nz.data.units.shape[nz.data.units.id.indexOf(unit)]);
  if (card === "roof") latlngs = nz.roofShape(pick);
  if (card === "cluster") latlngs = nz.clusterOutline(pick);
  if (card === "street") {
    L.polyline(nz.streetLine(pick), { pane: "nz-mark", renderer: nz.renderers.mark, interactive: false, color: "#12202e", weight: 2.4 }).addTo(nz.marks);
    return;
  }
  if (!latlngs) return;
  const outline = (color, weight) => L.polygon(latlngs, { pane: "nz-mark", renderer: nz.renderers.mark, interactive: false, fill: false, color, weight }).addTo(nz.marks);
  outline("#ffffff", 5);
  outline("#12202e", 2.4);
};

// Parcels that a sector of the account stands on, by group of use.
const SECTOR_GROUPS = { residential: /^(R|H1)/, service: /^[AB]/, industry: /^M/, logistics: /^W/, port: /^H2/, transport: /^[SH]/, waste: /^U/, agriculture: /^E/ };
nz.sectorLight = (sector) => {
  const rule = SECTOR_GROUPS[sector];
  return rule ? (place) => rule.test(P.codes[P.code[place]]) : null;
};

nz.on((changed) => {
  if (["theme", "year", "scenario", "light", "lang"].some((key) => changed.has(key))) {
    nz.paint();
    nz.paintCells();
  }
  if (changed.has("theme") && nz.atHome) nz.home();
  if (["parcel", "unit", "card", "pick"].some((key) => changed.has(key))) nz.mark();
});
