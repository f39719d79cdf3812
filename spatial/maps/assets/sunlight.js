// Sun on surfaces: pictures of the grid's cells, each laid where its corners belong, and what is read from them.
const S = nz.data.sunlight;
const UNIT = "kWh/m2";
const SHARP = 1.5; // pixels a cell from which each is drawn as it is; smaller ones are averaged

nz.Pictures = nz.Cells.extend({
  // A picture is made when it first comes into view; the sheet is drawn again once it is there.
  picture(place) {
    this.made = this.made || [];
    if (!this.made[place]) {
      const image = new Image();
      image.onload = () => {
        image.nzReady = true;
        this.redraw();
      };
      image.src = `data:image/png;base64,${this.grid.tiles[place][4]}`;
      this.made[place] = image;
    }
    return this.made[place].nzReady ? this.made[place] : null;
  },
  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this._map) this.draw();
    });
  },

  sketch(pen, origin, width, height) {
    const nodes = this.nodesFrom(origin);
    this.grid.tiles.forEach(([top, left, rows, cols], place) => {
      const a = this.at(nodes, left, top);
      const b = this.at(nodes, left + cols, top);
      const d = this.at(nodes, left, top + rows);
      const far = [b[0] + d[0] - a[0], b[1] + d[1] - a[1]];
      if (Math.max(b[0], far[0]) < 0 || Math.min(a[0], d[0]) > width || Math.max(d[1], far[1]) < 0 || Math.min(a[1], b[1]) > height) return;
      const image = this.picture(place);
      if (!image) return;
      const size = Math.hypot(b[0] - a[0], b[1] - a[1]) / cols;
      const hair = 0.3 / size; // pictures overlap a little, or the map would shine through between them
      pen.save();
      pen.imageSmoothingEnabled = size < SHARP;
      pen.imageSmoothingQuality = "medium";
      pen.transform((b[0] - a[0]) / cols, (b[1] - a[1]) / cols, (d[0] - a[0]) / rows, (d[1] - a[1]) / rows, a[0], a[1]);
      pen.drawImage(image, -hair, -hair, cols + 2 * hair, rows + 2 * hair);
      pen.restore();
    });
  },

  // The colour of the cell under a place, or null where there is none.
  colourAt(latlng) {
    const spot = this.spot(latlng);
    if (!spot) return null;
    const [row, col] = spot;
    const place = this.grid.tiles.findIndex(([top, left, rows, cols]) => row >= top && row < top + rows && col >= left && col < left + cols);
    const image = place < 0 ? null : this.picture(place);
    if (!image) return null;
    if (!this.reader) {
      this.reader = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      this.reader.canvas.width = this.reader.canvas.height = 1;
    }
    const [top, left] = this.grid.tiles[place];
    this.reader.clearRect(0, 0, 1, 1);
    this.reader.drawImage(image, col - left, row - top, 1, 1, 0, 0, 1, 1);
    const [red, green, blue, cover] = this.reader.getImageData(0, 0, 1, 1).data;
    return cover ? `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}` : null;
  },
});

nz.sunlightLayer = () => new nz.Pictures(S, "nz-light");
const overlay = () => nz.overlays.find((row) => row.id === "sunlight");
const shown = () => Boolean(S) && nz.isShown(overlay());
nz.sunlightShown = shown;

// "1 150 – 1 175 kWh/m²" of the place under the mouse; levels that share a colour are told together.
nz.sunlightAt = (latlng) => {
  if (!shown() || !overlay().layer) return null;
  const colour = overlay().layer.colourAt(latlng);
  const [first, last] = [S.colours.indexOf(colour), S.colours.lastIndexOf(colour)];
  if (first < 0) return null;
  const say = (level) => nz.number(S.low + level * S.width, 4);
  const range = first === 0 ? `< ${say(last + 1)}` : last === S.colours.length - 1 ? `≥ ${say(first)}` : `${say(first)} – ${say(last + 1)}`;
  return `${range} ${nz.unitText(UNIT)}`;
};

// The ramp in the legend, from shade to full sun.
nz.sunlightKeys = () => {
  if (!shown()) return [];
  const { low, width, colours } = S;
  const high = low + width * colours.length;
  const x = (value) => 8 + ((value - low) / (high - low)) * 224;
  const size = 224 / colours.length;
  const ticks = nz.ticks(low, high, 5).filter((value) => value <= high);
  const said = `${nz.t("sunlight.name")}: ${nz.number(low, 4)} – ${nz.number(high, 4)} ${nz.unitText(UNIT)}`;
  return [
    nz.h("li", { class: "nz-over-title", "data-key": "sunlight" }, `${nz.t("sunlight.name")} ${nz.unitText(UNIT)} · ${nz.targetYear}`),
    nz.h("li", { class: "nz-ramp" },
      nz.s("svg", { viewBox: "0 0 240 30", role: "img", "aria-label": said },
        colours.map((fill, level) => nz.s("rect", { x: (8 + level * size).toFixed(2), y: 0, width: (size + 0.4).toFixed(2), height: 13, fill })),
        ticks.map((value) => nz.s("g", {},
          nz.s("line", { x1: x(value), x2: x(value), y1: 13, y2: 16, stroke: "#4b5661" }),
          nz.s("text", { x: x(value), y: 27, class: "nz-axis", "text-anchor": "middle" }, nz.number(value, 4))))),
      nz.h("div", {}, nz.h("span", {}, nz.t("sunlight.shade")), nz.h("span", {}, nz.t("sunlight.full")))),
  ];
};
