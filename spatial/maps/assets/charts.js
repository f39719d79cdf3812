// The charts of the cards. All take amounts in the tables' units and choose the unit that fits.
const largest = (rows) => Math.max(0, ...rows.flat().filter((value) => value !== null && value !== undefined));
const smallest = (rows) => Math.min(0, ...rows.flat().filter((value) => value !== null && value !== undefined));
nz.largest = largest;
nz.smallest = smallest;

// Stacked bars over the years, both scenarios side by side on one axis.
// groups: [{name, rows: {key: [values]}}]
nz.chartStack = ({ title, groups, unit, id, order }) => {
  const total = (rows) => nz.years.map((_, place) => Object.values(rows).reduce((sum, row) => sum + Math.max(0, row[place]), 0));
  const top = largest(groups.map((group) => total(group.rows)));
  const low = smallest(groups.map((group) => nz.years.map((_, place) => Object.values(group.rows).reduce((sum, row) => sum + Math.min(0, row[place]), 0))));
  const step = nz.scale(unit, top);
  const frame = nz.frame({ height: 186, low: low / step.divisor, high: (top / step.divisor) * 1.05 || 1, unit: step.unit, label: title, bottom: 36 });
  const gap = 16;
  const each = (frame.inner - gap * (groups.length - 1)) / groups.length;
  const used = order.filter((key) => groups.some((group) => group.rows[key]));
  groups.forEach((group, side) => {
    const start = frame.left + side * (each + gap);
    const width = each / nz.years.length;
    nz.years.forEach((year, place) => {
      let up = 0;
      let down = 0;
      for (const key of used) {
        const value = ((group.rows[key] || [])[place] || 0) / step.divisor;
        if (!value) continue;
        const [from, to] = value > 0 ? [up, up + value] : [down + value, down];
        if (value > 0) up = to;
        else down = from;
        frame.svg.append(nz.s("rect", { x: (start + place * width + 0.5).toFixed(1), width: Math.max(1, width - 1).toFixed(1), y: frame.y(to).toFixed(1), height: Math.max(0, frame.y(from) - frame.y(to)).toFixed(1), fill: nz.data.colours[key] || "#999", opacity: year === nz.state.year ? 1 : 0.72 },
          nz.s("title", {}, `${year} · ${nz.term(key)} · ${nz.number(value)} ${step.unit}`)));
      }
    });
    frame.svg.append(nz.s("text", { x: start, y: frame.height - 20, class: "nz-axis" }, String(nz.firstYear)));
    frame.svg.append(nz.s("text", { x: start + each, y: frame.height - 20, class: "nz-axis", "text-anchor": "end" }, String(nz.lastYear)));
    frame.svg.append(nz.s("text", { x: start + each / 2, y: frame.height - 5, class: "nz-axis strong", "text-anchor": "middle" }, group.name));
  });
  return nz.figure(title, frame.svg, used.map((key) => [nz.data.colours[key] || "#999", nz.term(key)]), id);
};

// Twelve months of heat and cold.
nz.chartMonths = ({ title, heating, cooling, unit, id }) => {
  const top = largest([heating, cooling]);
  const step = nz.scale(unit, top);
  const frame = nz.frame({ height: 140, high: (top / step.divisor) * 1.05 || 1, unit: step.unit, label: title });
  const width = frame.inner / 12;
  for (let month = 0; month < 12; month += 1) {
    const x = frame.left + month * width;
    [[heating, nz.data.colours.heating, 0], [cooling, nz.data.colours.cooling, 1]].forEach(([rows, colour, side]) => {
      const y = frame.y(rows[month] / step.divisor);
      frame.svg.append(nz.s("rect", { x: (x + 3 + (side * (width - 6)) / 2).toFixed(1), width: ((width - 7) / 2).toFixed(1), y: y.toFixed(1), height: Math.max(0, frame.y(0) - y).toFixed(1), fill: colour },
        nz.s("title", {}, `${month + 1} · ${nz.number(rows[month] / step.divisor)} ${step.unit}`)));
    });
    frame.svg.append(nz.s("text", { x: x + width / 2, y: frame.height - 7, class: "nz-axis", "text-anchor": "middle" }, String(month + 1)));
  }
  const sum = (rows) => nz.withUnit(rows.reduce((a, b) => a + b, 0), unit);
  return nz.figure(title, frame.svg, [
    [nz.data.colours.heating, `${nz.t("heating")} ${sum(heating)}`],
    [nz.data.colours.cooling, `${nz.t("cooling")} ${sum(cooling)}`],
  ], id);
};

// Load of the year's hours, sorted; values stand at evenly spaced shares of the year.
nz.chartDuration = ({ title, series, unit, id }) => {
  const top = largest(series.map((row) => row.values));
  const step = nz.scale(unit, top);
  const frame = nz.frame({ height: 140, high: (top / step.divisor) * 1.05 || 1, unit: step.unit, label: title });
  for (const row of series) {
    const x = (place) => frame.left + (frame.inner * place) / (row.values.length - 1);
    const points = row.values.map((value, place) => `${x(place).toFixed(1)},${frame.y(value / step.divisor).toFixed(1)}`);
    frame.svg.append(nz.s("polyline", { points: points.join(" "), fill: "none", stroke: row.colour, "stroke-width": 2 }));
  }
  for (const hour of [0, 2000, 4000, 6000]) {
    frame.svg.append(nz.s("text", { x: frame.left + (frame.inner * hour) / 8760, y: frame.height - 6, class: "nz-axis", "text-anchor": "middle" }, nz.count(hour)));
  }
  frame.svg.append(nz.s("text", { x: frame.width - frame.right, y: frame.height - 6, class: "nz-axis", "text-anchor": "end" }, nz.t("hours")));
  return nz.figure(title, frame.svg, series.map((row) => [row.colour, `${row.name} ${nz.withUnit(row.values[0], unit)}`]), id);
};

const FLOW_COLOURS = [[/^pv_/, "sun", 2], [/^wind_/, "wind", 3], [/^green_power/, "built", 3], [/^grid/, "carbon", 3], [/./, "power", 2]];
const flowColour = (item) => {
  const [, ramp, step] = FLOW_COLOURS.find(([rule]) => rule.test(item));
  return nz.data.ramps[ramp][step];
};

// A Sankey of one carrier: sources on the left meet a bar that parts into uses on the right.
nz.chartFlow = ({ title, from, to, unit, id }) => {
  const sum = (rows) => rows.reduce((total, row) => total + row[1], 0);
  const whole = Math.max(sum(from), sum(to));
  if (!whole) return null;
  const step = nz.scale(unit, whole);
  const width = 348;
  const middle = width / 2;
  const gap = 14;
  const inner = 120;
  const rows = Math.max(from.length, to.length);
  const height = inner + rows * gap + 16;
  const svg = nz.s("svg", { viewBox: `0 0 ${width} ${height}`, class: "nz-chart", role: "img", "aria-label": title });
  const draw = (items, left) => {
    let inside = 12 + ((rows - 1) * gap) / 2;
    let outside = 12 + ((rows - items.length) * gap) / 2;
    for (const [item, value] of items) {
      const size = (inner * value) / whole;
      const [x0, x1] = left ? [112, middle - 5] : [middle + 5, width - 112];
      const [y0, y1] = left ? [outside, inside] : [inside, outside];
      const bend = (x0 + x1) / 2;
      const path = `M${x0} ${y0}C${bend} ${y0} ${bend} ${y1} ${x1} ${y1}V${y1 + size}C${bend} ${y1 + size} ${bend} ${y0 + size} ${x0} ${y0 + size}Z`;
      const said = `${nz.term(item)} ${nz.number(value / step.divisor)}`;
      svg.append(nz.s("path", { d: path, fill: flowColour(item), opacity: 0.85, stroke: flowColour(item), "stroke-width": 0.7 }, nz.s("title", {}, `${said} ${step.unit}`)));
      svg.append(nz.s("text", { x: left ? 107 : width - 107, y: outside + size / 2 + 4, class: "nz-axis", "text-anchor": left ? "end" : "start" }, said));
      inside += size;
      outside += size + gap;
    }
  };
  draw(from, true);
  draw(to, false);
  svg.append(nz.s("rect", { x: middle - 5, y: 12 + ((rows - 1) * gap) / 2, width: 10, height: inner, fill: nz.data.colours.unit }));
  svg.append(nz.s("text", { x: width - 2, y: 9, class: "nz-axis", "text-anchor": "end" }, step.unit));
  return nz.figure(title, svg, [], id);
};
