// Distance along clicked points and, from three points, the area they enclose.
const RADIUS = 6371008.8; // mean radius of the Earth [m], IUGG
let points = [];
let on = false;
let layer = null;
const said = nz.h("output", { id: "nz-measured", class: "nz-panel", hidden: true, "aria-live": "polite" });
nz.measureNode = said;

// Area on the sphere [m2] after Chamberlain and Duquette (2007), eq. 6.
nz.ringArea = (ring) => {
  const rad = Math.PI / 180;
  let sum = 0;
  ring.forEach((point, place) => {
    const next = ring[(place + 1) % ring.length];
    sum += (next.lng - point.lng) * rad * (2 + Math.sin(point.lat * rad) + Math.sin(next.lat * rad));
  });
  return Math.abs((sum * RADIUS * RADIUS) / 2);
};
nz.pathLength = (path) => path.slice(1).reduce((sum, point, place) => sum + nz.map.distance(path[place], point), 0);

const draw = () => {
  if (!layer) layer = L.layerGroup().addTo(nz.map);
  layer.clearLayers();
  const style = { pane: "nz-mark", renderer: nz.renderers.mark, interactive: false };
  if (points.length > 2) L.polygon(points, { ...style, stroke: false, fillColor: "#b0470b", fillOpacity: 0.14 }).addTo(layer);
  L.polyline(points, { ...style, color: "#b0470b", weight: 2.4 }).addTo(layer);
  points.forEach((point) => L.circleMarker(point, { ...style, radius: 4, color: "#b0470b", fillColor: "#fff", fillOpacity: 1, weight: 2 }).addTo(layer));
  const parts = [points.length > 1 ? `${nz.t("distance")} ${nz.withUnit(nz.pathLength(points), "m")}` : nz.t("measure.hint")];
  if (points.length > 2) parts.push(`${nz.t("area")} ${nz.withUnit(nz.ringArea(points), "m²")}`);
  said.textContent = parts.join(" · ");
};

nz.measuring = () => on;
nz.toggleMeasure = (wanted = !on) => {
  on = wanted;
  points = [];
  said.hidden = !on;
  document.body.classList.toggle("nz-measuring", on);
  nz.map.doubleClickZoom[on ? "disable" : "enable"]();
  if (nz.measureButton) nz.measureButton.setAttribute("aria-pressed", String(on));
  if (on) draw();
  else if (layer) layer.clearLayers();
};
nz.measureAt = (latlng) => {
  points.push(latlng);
  draw();
};
nz.measureBack = () => {
  points.pop();
  draw();
};
nz.on((changed) => { if (changed.has("lang") && on) draw(); });
