// Square cells of a projected grid, placed by a lattice of known points.
nz.Cells = nz.Sheet.extend({
  initialize(grid, pane) {
    nz.Sheet.prototype.initialize.call(this, pane);
    this.grid = grid;
    this.n = grid.steps;
    this.nodes = [];
    for (let i = 0; i < grid.nodes.length; i += 2) this.nodes.push(L.latLng(grid.nodes[i + 1] / 1e6, grid.nodes[i] / 1e6));
    this.colours = null;
  },

  // `colours` holds one colour a cell, or null for a cell that is not drawn.
  paint(colours) {
    this.colours = colours;
    if (this._map) this.draw();
  },

  nodesFrom(origin) {
    return this.nodes.map((node) => this._map.latLngToLayerPoint(node).subtract(origin));
  },

  sketch(pen, origin, width, height) {
    if (!this.colours) return;
    const nodes = this.nodesFrom(origin);
    const { row, col } = this.grid;
    const count = row.length;
    for (let i = 0; i < count; ) {
      const colour = this.colours[i];
      let end = i + 1;
      while (end < count && row[end] === row[i] && col[end] === col[end - 1] + 1 && this.colours[end] === colour) end += 1;
      if (colour) {
        const a = this.at(nodes, col[i], row[i]);
        const b = this.at(nodes, col[end - 1] + 1, row[i]);
        const c = this.at(nodes, col[end - 1] + 1, row[i] + 1);
        const d = this.at(nodes, col[i], row[i] + 1);
        if (Math.max(b[0], c[0]) > 0 && Math.min(a[0], d[0]) < width && Math.max(c[1], d[1]) > 0 && Math.min(a[1], b[1]) < height) {
          pen.fillStyle = colour;
          pen.beginPath();
          pen.moveTo(a[0], a[1]);
          pen.lineTo(b[0] + 0.6, b[1]);
          pen.lineTo(c[0] + 0.6, c[1] + 0.8);
          pen.lineTo(d[0], d[1] + 0.8);
          pen.fill();
        }
      }
      i = end;
    }
  },

  // Bilinear between the four lattice nodes around a place of the grid.
  at(nodes, col, row) {
    const n = this.n;
    const u = (col / this.grid.cols) * n;
    const v = (row / this.grid.rows) * n;
    const i = Math.max(0, Math.min(n - 1, Math.floor(u)));
    const j = Math.max(0, Math.min(n - 1, Math.floor(v)));
    const s = u - i;
    const t = v - j;
    const first = nodes[j * (n + 1) + i];
    const right = nodes[j * (n + 1) + i + 1];
    const below = nodes[(j + 1) * (n + 1) + i];
    const across = nodes[(j + 1) * (n + 1) + i + 1];
    const mix = (key) => (first[key] * (1 - s) + right[key] * s) * (1 - t) + (below[key] * (1 - s) + across[key] * s) * t;
    return [mix("x"), mix("y")];
  },

  // Row and column of the grid under a place, found by a few Newton steps; null outside of it.
  spot(latlng) {
    if (!this.plain) this.plain = this.nodes.map((node) => ({ x: node.lng, y: node.lat }));
    let col = this.grid.cols / 2;
    let row = this.grid.rows / 2;
    for (let turn = 0; turn < 6; turn += 1) {
      const [x, y] = this.at(this.plain, col, row);
      const [xc, yc] = this.at(this.plain, col + 1, row);
      const [xr, yr] = this.at(this.plain, col, row + 1);
      const det = (xc - x) * (yr - y) - (xr - x) * (yc - y);
      const dx = latlng.lng - x;
      const dy = latlng.lat - y;
      col += (dx * (yr - y) - dy * (xr - x)) / det;
      row += (dy * (xc - x) - dx * (yc - y)) / det;
    }
    const inside = col >= 0 && row >= 0 && col < this.grid.cols && row < this.grid.rows;
    return inside ? [Math.floor(row), Math.floor(col)] : null;
  },

  // The cell under a place; -1 where there is none.
  find(latlng) {
    if (!this.index) {
      this.index = new Map();
      this.grid.row.forEach((r, i) => this.index.set(r * this.grid.cols + this.grid.col[i], i));
    }
    const spot = this.spot(latlng);
    const found = spot ? this.index.get(spot[0] * this.grid.cols + spot[1]) : undefined;
    return found === undefined ? -1 : found;
  },

  bounds() {
    return L.latLngBounds(this.nodes);
  },
});
