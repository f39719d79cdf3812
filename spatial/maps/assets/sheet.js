// A canvas of its own that follows the map: drawn anew where the map comes to rest, stretched while it zooms.
nz.Sheet = L.Layer.extend({
  initialize(pane) {
    L.setOptions(this, { pane });
  },

  onAdd() {
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", this.getPane());
    this.draw();
  },
  onRemove() {
    this.canvas.remove();
  },
  getEvents() {
    return { moveend: this.draw, resize: this.draw, viewreset: this.draw, zoomanim: this.follow };
  },

  follow(event) {
    const scale = this._map.getZoomScale(event.zoom, this.zoom);
    L.DomUtil.setTransform(this.canvas, this._map._latLngToNewLayerPoint(this.corner, event.zoom, event.center), scale);
  },

  // What is on the sheet is up to `sketch(pen, origin, width, height)`; `origin` is the layer point of its corner.
  draw() {
    const map = this._map;
    const size = map.getSize();
    const pad = size.multiplyBy(0.15).round();
    const origin = map.containerPointToLayerPoint(pad.multiplyBy(-1));
    const ratio = window.devicePixelRatio || 1;
    const width = size.x + 2 * pad.x;
    const height = size.y + 2 * pad.y;
    this.zoom = map.getZoom();
    this.corner = map.layerPointToLatLng(origin);
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    L.DomUtil.setPosition(this.canvas, origin);
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    this.sketch(pen, origin, width, height);
  },
});
