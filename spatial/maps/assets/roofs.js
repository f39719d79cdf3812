// Roofs with plants, coloured by their yield; drawn from a zoom at which one can be told from the next.
const R = nz.data.roofs;
const UNIT = "kWh/kWp";
const LEAST = 14;
const CLOSE = 16.5; // where a single roof is shown
const BATCH = 50; // roofs drawn at once: one path of thousands is drawn slowly

// Outlines on the plane of the map at zoom 0, from which any zoom is a multiple, and the boxes around them.
const world = (latlng) => L.CRS.EPSG3857.latLngToPoint(L.latLng(latlng), 0);
const shapes = R ? R.shape.map(nz.decodePolygons) : [];
const rings = shapes.map((polygons) => polygons.flat().map((ring) => ring.map(world)));
const boxes = rings.map((parts) => L.bounds(parts.flat()));

const roofsOf = {};
if (R) {
  R.parcel.forEach((parcel, place) => (roofsOf[parcel] = roofsOf[parcel] || []).push(place));
  Object.values(roofsOf).forEach((places) => places.sort((a, b) => R.kwp[b] - R.kwp[a] || a - b));
}
nz.roofsOf = (parcel) => roofsOf[parcel] || [];
nz.roofShape = (place) => shapes[place];

let scale = null;
const scaleOf = () => {
  if (!scale) {
    const ramp = nz.data.ramps.sun.slice(1);
    const breaks = nz.evenBreaks(R.kwh_kwp, ramp.length);
    const colours = nz.spread(ramp, breaks.length + 1);
    const places = colours.map(() => []);
    R.kwh_kwp.forEach((value, place) => value !== null && places[nz.classOf(value, breaks)].push(place));
    scale = { breaks, colours, places };
  }
  return scale;
};

nz.Roofs = nz.Sheet.extend({
  sketch(pen, origin, width, height) {
    if (this.zoom < LEAST) return;
    const { colours, places } = scaleOf();
    const times = 2 ** this.zoom;
    const corner = this._map.getPixelOrigin().add(origin);
    const view = L.bounds(corner.divideBy(times), corner.add([width, height]).divideBy(times));
    const thick = Math.min(1, (this.zoom - LEAST + 0.6) / 2.5);
    colours.forEach((colour, level) => {
      const seen = places[level].filter((place) => view.intersects(boxes[place]));
      for (let first = 0; first < seen.length; first += BATCH) {
        pen.beginPath();
        for (const ring of seen.slice(first, first + BATCH).flatMap((place) => rings[place])) {
          ring.forEach((spot, at) => pen[at ? "lineTo" : "moveTo"](spot.x * times - corner.x, spot.y * times - corner.y));
          pen.closePath();
        }
        // A white casing and a thin dark edge part a roof from a parcel, or from light, of its own colour.
        pen.strokeStyle = "#ffffff";
        pen.lineWidth = 3.2 * thick;
        pen.stroke();
        pen.fillStyle = colour;
        pen.fill("evenodd");
        pen.strokeStyle = nz.data.colours.rim;
        pen.lineWidth = 0.8 * thick;
        pen.stroke();
      }
    });
  },
});
nz.roofsLayer = () => new nz.Roofs("nz-roofs");
const overlay = () => nz.overlays.find((row) => row.id === "roofs");
const shown = () => Boolean(R) && nz.isShown(overlay());
const near = () => nz.map.getZoom() >= LEAST;
const drawn = () => shown() && near();
nz.roofsDrawn = drawn;
nz.roofsFar = () => shown() && !drawn();

// The roof under a place, or -1: a place lies inside where a ray from it crosses outlines an odd number of times.
const crossings = (ring, spot) => ring.reduce((count, a, at) => {
  const b = ring[(at + 1) % ring.length];
  const crosses = a.y > spot.y !== b.y > spot.y && spot.x < a.x + ((spot.y - a.y) / (b.y - a.y)) * (b.x - a.x);
  return count + (crosses ? 1 : 0);
}, 0);
nz.roofAt = (latlng) => {
  if (!drawn()) return -1;
  const spot = world(latlng);
  return boxes.findIndex((box, place) => box.contains(spot) && rings[place].reduce((count, ring) => count + crossings(ring, spot), 0) % 2 === 1);
};

// What lies on top of the parcels under the mouse, as card and place, and what the mouse says of it.
nz.overAt = (event) => {
  const district = nz.districtAt(event);
  if (district) return district;
  const roof = nz.roofAt(event.latlng);
  return roof < 0 ? null : ["roof", roof];
};
nz.overName = (found) => (found[0] === "roof" ? [R.id[found[1]], `${nz.number(R.kwh_kwp[found[1]])} ${UNIT} · ${nz.targetYear}`] : nz.districtName(found));

// Opens a roof's card and brings the roof into view, with the overlay it stands on.
nz.showRoof = (place) => {
  nz.openPick("roof", place);
  if (!shown()) {
    nz.tick("roofs", true);
    nz.renderChooser();
  }
  nz.bring(L.latLngBounds(shapes[place].flat(2)), CLOSE, LEAST);
};
// The nearest roof to the middle of the map, close enough to see it among others.
const closer = () => {
  const middle = world(nz.map.getCenter());
  const away = boxes.map((box) => box.getCenter().distanceTo(middle));
  const nearest = away.indexOf(Math.min(...away));
  nz.map.setView(L.latLngBounds(shapes[nearest].flat(2)).getCenter(), LEAST + 0.5, { animate: false });
};

nz.roofKeys = () => {
  if (!shown()) return [];
  const title = nz.h("li", { class: "nz-over-title", "data-key": "roofs" }, `${nz.t("roof.yield")} ${UNIT} · ${nz.targetYear}`);
  const note = nz.h("li", { class: "nz-over-hint" }, nz.t("roof.schematic"));
  if (!drawn()) return [title, nz.h("li", {}, nz.h("button", { type: "button", class: "nz-link", "data-testid": "roofs-closer", onclick: closer }, nz.t("roof.zoom"))), note];
  const { breaks, colours, places } = scaleOf();
  return [title, ...colours.map((colour, level) => nz.h("li", {},
    nz.h("i", { class: "nz-swatch", style: { background: colour } }), nz.rangeText(breaks, level, 1), nz.h("span", { class: "nz-class-count" }, nz.count(places[level].length)))), note];
};

nz.watchRoofs = () => {
  let before = near();
  nz.map.on("zoomend", () => {
    if (before === near()) return;
    before = near();
    nz.fadeParcels();
    nz.nameOverlays();
    nz.renderLegend();
  });
};
