// Drawing in SVG: elements, scales, axes.
const SVG = "http://www.w3.org/2000/svg";

nz.s = (tag, attributes, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  return nz.fill(node, ...children);
};

nz.roundStep = (least) => {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 2.5, 5, 10].map((lead) => lead * power).find((size) => size >= least);
};
nz.ticks = (low, high, wanted) => {
  const step = nz.roundStep((high - low || 1) / wanted);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step) found.push(Math.abs(at) < step * 1e-6 ? 0 : at);
  return found;
};

// A frame with a value axis on the left; `x` is left to the chart.
nz.frame = ({ width = 348, height = 168, low = 0, high = 1, unit = "", label = "", left = 44, bottom = 22, top = 18, right = 8 }) => {
  const margin = high === low ? 1 : 0;
  const y = (value) => top + (height - top - bottom) * (1 - (value - low) / (high - low + margin));
  const svg = nz.s("svg", { viewBox: `0 0 ${width} ${height}`, class: "nz-chart", role: "img", "aria-label": label });
  svg.append(nz.s("text", { x: 2, y: 10, class: "nz-axis" }, unit));
  for (const tick of nz.ticks(low, high, 4)) {
    svg.append(nz.s("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: tick === 0 ? "nz-zero" : "nz-grid" }));
    svg.append(nz.s("text", { x: left - 5, y: y(tick) + 3.5, class: "nz-axis", "text-anchor": "end" }, nz.number(tick, 4)));
  }
  return { svg, y, width, height, left, right, bottom, top, inner: width - left - right };
};

nz.key = (entries) =>
  nz.h("ul", { class: "nz-key" }, entries.map(([colour, text, dashed]) =>
    nz.h("li", {}, nz.h("i", { class: dashed ? "dashed" : "", style: dashed ? { borderColor: colour } : { background: colour } }), text)));

nz.figure = (title, chart, entries, id) =>
  nz.h("figure", { "data-testid": id }, nz.h("figcaption", {}, title), chart, entries && entries.length ? nz.key(entries) : null);
