// Puts the page together around the map that folium made.
const D = nz.data;
const tip = nz.h("div", { id: "nz-tip", hidden: true });
const live = nz.h("div", { id: "nz-live", class: "nz-away", role: "status", "aria-live": "polite" });
nz.say = (text) => { live.textContent = text; };

const titleButton = nz.h("button", { type: "button", class: "nz-title", "data-testid": "title", onclick: () => nz.openZone() });
const stateLine = nz.h("p", { id: "nz-state", "data-testid": "state", "aria-live": "polite" });
const tongues = nz.h("div", { class: "nz-lang", role: "group" }, [["zh", "中"], ["en", "EN"]].map(([key, text]) =>
  nz.h("button", { type: "button", "data-lang": key, lang: key, onclick: () => nz.set({ lang: key }) }, text)));
const head = nz.h("header", { id: "nz-head", class: "nz-panel" }, nz.h("div", { class: "nz-head-row" }, nz.h("h1", {}, titleButton), tongues), stateLine, nz.searchNode);

const tool = (id, text, key, action) => nz.h("button", { type: "button", class: "nz-icon", "data-tool": id, "data-label": key, onclick: action }, text);
nz.measureButton = tool("measure", "", "measure", () => nz.toggleMeasure());
const ruler = nz.s("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, nz.s("path", { d: "M3 16 16 3l5 5L8 21zM7 12l2 2M10 9l3 3M13 6l2 2", fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linejoin": "round" }));
const whole = nz.s("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, nz.s("path", { d: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", fill: "none", stroke: "currentColor", "stroke-width": 1.8 }));
const printer = nz.s("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, nz.s("path", { d: "M7 9V3h10v6M7 17H4v-8h16v8h-3M7 14h10v7H7z", fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linejoin": "round" }));
nz.empty(nz.measureButton, ruler);
const tools = nz.h("div", { class: "nz-tools nz-panel", role: "toolbar" },
  tool("in", "+", "zoom.in", () => nz.map.zoomIn(1)), tool("out", "\u2212", "zoom.out", () => nz.map.zoomOut(1)),
  tool("home", whole, "zoom.home", () => nz.home()), nz.measureButton, tool("print", printer, "print", () => nz.print()));
const north = nz.s("svg", { viewBox: "0 0 24 32", width: 22, height: 30, role: "img", class: "nz-north" }, nz.s("path", { d: "M12 2 19 22 12 18 5 22z", fill: "#1d2733" }), nz.s("text", { x: 12, y: 31, "text-anchor": "middle", "font-size": 9, fill: "#1d2733" }, "N"));
const source = nz.h("p", { class: "nz-source" });
const scaleBox = nz.h("div", { class: "nz-scale" });
const corner = nz.h("div", { id: "nz-corner" }, tools, nz.h("div", { class: "nz-foot" }, scaleBox, north, source));

nz.renderSources = () => {
  const tiles = nz.overlays.filter((row) => row.online && nz.isShown(row)).map((row) => row.credit);
  const mark = D.meta.illustrative.length ? nz.h("button", { type: "button", class: "nz-mark", onclick: () => nz.openZone() }, nz.t("illustrative")) : null;
  nz.empty(source, mark, nz.h("span", {}, [...tiles, ...D.meta.attribution.map((pair) => pair[nz.side()])].join(" · ")));
};
const wording = () => {
  const { lang } = nz.state;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = `${D.meta.title[nz.side()]} · nearzero`;
  titleButton.textContent = D.meta.title[nz.side()];
  titleButton.title = nz.t("open.zone");
  tongues.setAttribute("aria-label", nz.t("language"));
  tongues.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.lang === lang)));
  tools.setAttribute("aria-label", nz.t("tools"));
  tools.querySelectorAll("[data-label]").forEach((button) => {
    button.setAttribute("aria-label", nz.t(button.dataset.label));
    button.title = nz.t(button.dataset.label);
  });
  north.setAttribute("aria-label", nz.t("north"));
  nz.map.getContainer().setAttribute("aria-label", nz.t("map"));
  nz.renderSources();
};
const state = () => { stateLine.textContent = nz.stateLine(); };

// Where sun on surfaces is shown, the mouse reads it too, on a line of its own.
let mouse = null;
const hoverLight = () => {
  const said = nz.measuring() || !mouse ? null : nz.sunlightAt(mouse);
  if (tip.hidden) nz.empty(tip);
  tip.querySelectorAll(".nz-tip-light").forEach((line) => line.remove());
  if (said) nz.fill(tip, nz.h("span", { class: "nz-tip-light" }, `${nz.t("sunlight.name")} ${said}`));
  tip.hidden = !tip.childNodes.length;
};

// The name and the value under the mouse.
let under = null; // the parcel
let covered = false; // whether a street, a cluster or a roof lies over it
nz.hover = (place) => {
  const view = nz.current;
  under = place;
  if (covered) return;
  if (view.theme.level === "cell" || view.theme.level === "density") return;
  if (place === null || nz.measuring()) {
    tip.hidden = true;
    return;
  }
  const P = D.parcels;
  let value = "";
  if (view.values && view.theme.level === "parcel") {
    const found = view.values[place];
    value = found === null || found === undefined ? nz.t("no.value") : view.theme.unit ? nz.withUnit(found, view.theme.unit) : nz.number(found);
  } else if (view.theme.level === "parcel" || view.theme.level === "unit") {
    const entry = view.classes.find((row) => row.key === nz.keyOf(place));
    value = entry ? `${entry.label}${view.unit ? ` ${view.unit}` : ""}` : nz.t("no.value");
  }
  nz.empty(tip, nz.h("b", {}, P.name[place] || P.id[place]), value ? nz.h("span", {}, value) : null);
  tip.hidden = false;
  hoverLight();
};
// Cells have no shapes of their own to hover, so the one under the mouse is looked up.
const hoverCell = (event) => {
  const view = nz.current;
  const layer = { cell: nz.seaLayer, density: nz.densityLayer }[view.theme.level];
  if (!layer || nz.measuring()) return;
  const place = layer.find(event.latlng);
  const parcel = view.theme.level === "density" && under !== null ? D.parcels.name[under] || D.parcels.id[under] : null;
  tip.hidden = place < 0 && !parcel;
  if (tip.hidden) return;
  if (parcel) {
    nz.empty(tip, nz.h("b", {}, parcel), place < 0 ? null : nz.h("span", {}, nz.withUnit(view.values[place], view.theme.unit)));
    return;
  }
  const entry = view.classes.find((row) => row.key === view.of[place]);
  const value = view.values ? view.values[place] : null;
  nz.empty(tip, nz.h("b", {}, view.values ? nz.withUnit(value, view.theme.unit) : entry ? entry.label : nz.t("no.value")));
};
// A street, the outline of a cluster or a roof takes the click, so it is what the mouse reads.
const hoverOver = (event) => {
  const found = nz.measuring() ? null : nz.overAt(event);
  const left = covered && !found;
  covered = Boolean(found);
  if (found) {
    const [name, value] = nz.overName(found);
    nz.empty(tip, nz.h("b", {}, name), nz.h("span", {}, value));
    tip.hidden = false;
    return;
  }
  if (left) nz.hover(under);
  hoverCell(event);
};
const follow = (event) => {
  mouse = event.latlng;
  hoverOver(event);
  hoverLight();
  if (tip.hidden) return;
  const right = event.containerPoint.x > window.innerWidth - 260;
  tip.style.transform = `translate(${event.containerPoint.x + (right ? -14 : 14)}px, ${event.containerPoint.y + 16}px) translateX(${right ? "-100%" : "0"})`;
};

const keys = (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type === "search";
  if (nz.enlarged()) return;
  if (event.key === "Escape") {
    if (document.body.classList.contains("nz-printing")) nz.printSheet(false);
    else if (nz.measuring()) nz.toggleMeasure(false);
    else if (nz.state.card) nz.closeCard();
  } else if (event.key === "/" && !typing) {
    event.preventDefault();
    nz.focusSearch();
  } else if (event.key === "Backspace" && nz.measuring() && !typing) nz.measureBack();
};

const start = (map) => {
  const box = map.getContainer();
  box.setAttribute("role", "application");
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
    map._zoomAnimated = false;
    map.options.inertia = false;
  }
  box.style.background = D.colours.sea;
  if (!nz.available(nz.theme())) nz.state.theme = D.themes.find(nz.available).id;
  nz.startLayers(map);
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
  scaleBox.append(box.querySelector(".leaflet-control-scale"));
  nz.showOverlays();
  nz.watchRoofs();
  document.body.append(head, nz.chooserNode, nz.legendNode, nz.startTimebar(), corner, nz.measureNode, nz.cardNode, nz.largeNode, tip, live);
  wording();
  state();
  nz.renderChooser();
  if (window.innerWidth <= 700) nz.legendNode.dataset.open = "no";
  nz.renderLegend();
  nz.on((changed) => {
    if (changed.has("lang")) wording();
    if (["lang", "year", "scenario"].some((key) => changed.has(key))) state();
  });
  map.on("click", (event) => (nz.measuring() ? nz.measureAt(event.latlng) : nz.clickAt(event)));
  // Leaflet drops moves that follow one another within 32 ms, so the mouse is followed on the container itself.
  box.addEventListener("mousemove", (event) => {
    const containerPoint = map.mouseEventToContainerPoint(event);
    follow({ containerPoint, latlng: map.containerPointToLatLng(containerPoint) });
  });
  map.on("mouseout dragstart", () => { tip.hidden = true; });
  document.addEventListener("keydown", keys);
  window.addEventListener("resize", nz.debounce(150, () => nz.atHome && nz.home()));
  nz.startLink();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    window.nearzero.firstDraw = performance.now();
    window.nearzero.ready = true;
    document.documentElement.dataset.nzReady = "yes";
  }));
};

// A small door for tests and for other pages that embed the map.
window.nearzero = {
  ready: false,
  firstDraw: null,
  state: () => ({ ...nz.state, light: Boolean(nz.state.light), parcel: nz.state.parcel === null ? null : D.parcels.id[nz.state.parcel] }),
  set: (patch) => nz.set(patch),
  open: (hash) => {
    nz.readAddress(hash);
    nz.home();
  },
  select: (id) => {
    const place = D.parcels.id.indexOf(id);
    if (place >= 0) nz.showParcel(place);
    return place >= 0;
  },
  selectUnit: (id) => nz.openUnit(id),
  lit: () => (nz.state.light ? D.parcels.id.filter((_, place) => nz.state.light(place)) : []),
  fill: (id) => {
    const colour = nz.polygons[D.parcels.id.indexOf(id)].options.fillColor;
    return typeof colour === "string" ? colour : "hatched";
  },
  pipeStyle: (place) => ({ ...nz.pipeLines[place].line.options, renderer: null }),
  pixel: (id) => {
    const point = nz.map.latLngToContainerPoint(nz.polygons[D.parcels.id.indexOf(id)].getCenter());
    return [point.x, point.y];
  },
  pixelOf: (lat, lng) => {
    const point = nz.map.latLngToContainerPoint([lat, lng]);
    return [point.x, point.y];
  },
  printSheet: nz.printSheet,
  legend: () => ({ ...nz.current.count }),
  map: () => nz.map,
};
start(map_nearzero);
