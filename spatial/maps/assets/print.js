// One A3 sheet: the map as it stands, title, state, legend, scale, north and sources.
let before = null;

const settle = () => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });

// The sheet has its own shape, so the map is fitted to what was on the screen.
nz.printSheet = async (on) => {
  if (on === document.body.classList.contains("nz-printing")) return;
  const home = nz.atHome;
  if (on) before = { bounds: nz.map.getBounds(), centre: nz.map.getCenter(), zoom: nz.map.getZoom() };
  document.body.classList.toggle("nz-printing", on);
  nz.moving = true;
  nz.map.invalidateSize({ animate: false, pan: false });
  if (on) nz.map.fitBounds(before.bounds, { animate: false });
  else nz.map.setView(before.centre, before.zoom, { animate: false });
  nz.moving = false;
  nz.atHome = home;
  // Canvases are drawn in the next frame, which printing does not wait for.
  for (const renderer of Object.values(nz.renderers)) if (renderer._map) renderer._redraw();
  await settle();
};
nz.print = async () => {
  nz.stopPlay();
  await nz.printSheet(true);
  window.print();
};
window.addEventListener("beforeprint", () => nz.printSheet(true));
window.addEventListener("afterprint", () => nz.printSheet(false));
