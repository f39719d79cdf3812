// Lines over the years. What lies after the target year rests on assumptions and is drawn so.
const ticks = (frame, x, years) => {
  const every = years.length > 8 ? Math.ceil(years.length / 5) : 1;
  const target = years.indexOf(nz.lastYear);
  const last = years.length - 1;
  years.forEach((year, place) => {
    const fixed = place === last || (place === target && last - target >= every * 0.7);
    const near = [target, last].some((other) => other !== place && Math.abs(other - place) < every * 0.7);
    if (!fixed && (place % every || near)) return;
    frame.svg.append(nz.s("text", { x: x(place), y: frame.height - 6, class: place === target && target < last ? "nz-axis strong" : "nz-axis", "text-anchor": "middle" }, String(year)));
  });
};

const strokes = (row, x, y, target) => {
  const points = (from, to) => row.values.slice(from, to + 1).map((value, place) => (value === null ? null : `${x(from + place).toFixed(1)},${y(value).toFixed(1)}`)).filter(Boolean).join(" ");
  const line = (from, to, dash, opacity) => nz.s("polyline", { points: points(from, to), fill: "none", stroke: row.colour, "stroke-width": 2.2, "stroke-linejoin": "round", "stroke-dasharray": dash, opacity });
  const last = row.values.length - 1;
  return [line(0, Math.min(target, last), row.dashed ? "5 4" : null, null), target < last ? line(target, last, "2 3", 0.65) : null];
};

// series: {name, colour, values, dashed}; `years` are those of the values, those of the slider where none are given.
nz.chartLines = ({ title, series, unit, id, height = 150, limit, years = nz.years }) => {
  const rows = series.map((row) => row.values);
  const top = Math.max(nz.largest(rows), limit ? limit.value : 0);
  const step = nz.scale(unit, top);
  const frame = nz.frame({ height, low: nz.smallest(rows) / step.divisor, high: (top / step.divisor) * 1.08 || 1, unit: step.unit, label: title });
  const inset = 8;
  const x = (place) => frame.left + inset + ((frame.inner - 2 * inset) * place) / Math.max(1, years.length - 1);
  const y = (value) => frame.y(value / step.divisor);
  const here = years.indexOf(nz.state.year);
  const target = years.indexOf(nz.lastYear);
  const foot = frame.height - frame.bottom;
  if (target >= 0 && target < years.length - 1) {
    frame.svg.prepend(nz.s("rect", { x: x(target), y: frame.top, width: frame.width - frame.right - x(target), height: foot - frame.top, class: "nz-later" }));
    frame.svg.append(nz.s("line", { x1: x(target), x2: x(target), y1: frame.top - 4, y2: foot, class: "nz-target-year" }),
      nz.s("text", { x: frame.width - frame.right - 2, y: frame.top - 6, class: "nz-axis", "text-anchor": "end" }, nz.t("after.target").replace("{year}", nz.lastYear)));
  }
  frame.svg.append(nz.s("line", { x1: x(here), x2: x(here), y1: frame.top, y2: foot, class: "nz-now" }));
  if (limit) frame.svg.append(nz.s("line", { x1: frame.left, x2: frame.width - frame.right, y1: y(limit.value), y2: y(limit.value), class: "nz-limit" }));
  for (const row of series) {
    nz.fill(frame.svg, strokes(row, x, y, target < 0 ? years.length - 1 : target));
    const value = row.values[here];
    if (value !== null && value !== undefined) frame.svg.append(nz.s("circle", { cx: x(here), cy: y(value), r: 3.6, fill: row.colour, stroke: "#fff", "stroke-width": 1.4 }));
  }
  ticks(frame, x, years);
  const at = (row) => `${row.name} ${nz.state.year}: ${nz.number(row.values[here] / step.divisor)}`;
  const entries = series.map((row) => [row.colour, at(row), row.dashed]);
  if (limit) entries.push([nz.data.colours.limit, limit.name, true]);
  return nz.figure(title, frame.svg, entries, id);
};
