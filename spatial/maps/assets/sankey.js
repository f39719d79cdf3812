// Energy from its source to its use. The places of nodes and bands come worked out with the page.
const COLOURS = { sun: ["sun", 2], wind: ["wind", 3], grid: ["carbon", 2], green_power: ["built", 3], ambient: ["cold", 1] };
const colourOf = ([level, name]) => {
  if (nz.data.colours[name] && level !== "loss" && level !== "export") return nz.data.colours[name];
  if (level === "primary" && COLOURS[name]) return nz.data.ramps[COLOURS[name][0]][COLOURS[name][1]];
  return { carrier: "#9aa5ae", loss: "#7d868e" }[level] || nz.data.colours.unit;
};
const nodeName = ([level, name]) => (name === "other" ? nz.t("other") : level === "export" ? nz.term("flow.export") : nz.term(`flow.${name}`));
const yearShown = () => (nz.state.year === nz.firstYear ? nz.firstYear : nz.lastYear);

// A name may run on to the first column where a node, or the name of one, stands in its way.
const roomFor = (nodes, [, , column], columns, x, middle, y) => {
  let next = column + 1;
  const blocks = ([, , at, top, bottom]) => {
    const its = (y(top) + y(bottom)) / 2;
    return at === next && Math.min(y(top), its - 7) < middle + 7 && Math.max(y(bottom), its + 7) > middle - 7;
  };
  while (next < columns && !nodes.some(blocks)) next += 1;
  return x(next) - x(column);
};

const draw = ({ laid, title, width, scale, id, numbers }) => {
  const { nodes, links, columns } = laid;
  const step = nz.scale("MWh", Math.max(...nodes.map((node) => node[5])));
  const head = 18;
  const bar = numbers ? 9 : 6;
  const svg = nz.s("svg", { viewBox: `0 0 ${width} ${Math.ceil(laid.height * scale + head + 12)}`, class: "nz-chart nz-sankey", role: "group", "aria-label": title });
  const side = numbers ? 140 : 62; // room for the names of what stands last
  const x = (column) => 1 + (column * (width - side - bar - 2)) / Math.max(1, columns - 1);
  const y = (place) => head + place * scale;
  const reader = nz.readout(nz.t("sankey.hint"));
  const say = (value) => `${nz.number(value / step.divisor)}\u00a0${step.unit}`;
  const bands = links.map(([source, target, leaves, arrives, size, value]) => {
    const [a, b] = [x(nodes[source][2]) + bar, x(nodes[target][2])];
    const bend = (a + b) / 2;
    const [y0, y1, thick] = [y(leaves), y(arrives), size * scale];
    const d = `M${a} ${y0}C${bend} ${y0} ${bend} ${y1} ${b} ${y1}V${y1 + thick}C${bend} ${y1 + thick} ${bend} ${y0 + thick} ${a} ${y0 + thick}Z`;
    const text = `${nodeName(nodes[source])} → ${nodeName(nodes[target])} ${say(value)}`;
    const path = nz.s("path", { d, fill: colourOf(nodes[source]), class: "nz-band", onmouseenter: () => reader.say(text), onmouseleave: () => reader.say("") }, nz.s("title", {}, text));
    svg.append(path);
    return { source, target, path };
  });
  const mark = (place) => bands.forEach((band) => band.path.classList.toggle("away", place !== null && band.source !== place && band.target !== place));
  nodes.forEach((node, place) => {
    const [, , column, top, bottom, value] = node;
    const name = nodeName(node);
    const text = `${name} ${say(value)}`;
    const middle = (y(top) + y(bottom)) / 2;
    const room = roomFor(nodes, node, columns, (at) => (at < columns ? x(at) : width), middle, y) - bar - 4;
    const shown = nz.fit(numbers ? `${name} ${nz.number(value / step.divisor)}` : name, room, 10);
    svg.append(nz.s("g", { class: "nz-node", "data-node": `${node[0]}:${node[1]}`, ...nz.speaks(reader, text, () => mark(place), () => mark(null)) },
      nz.s("rect", { x: x(column) - 4, y: Math.min(y(top), middle - 6), width: bar + 8, height: Math.max(12, y(bottom) - y(top)), fill: "transparent" }),
      nz.s("rect", { x: x(column), y: y(top), width: bar, height: Math.max(1, y(bottom) - y(top)), fill: colourOf(node) }),
      nz.s("text", { x: x(column) + bar + 3, y: middle + 4, class: "nz-axis nz-halo" }, shown),
      nz.s("title", {}, text)));
  });
  const heads = [["sankey.primary", 0, "start"], ["sankey.end_use", columns - 1, "start"]];
  for (const [key, column, anchor] of heads) svg.append(nz.s("text", { x: x(column), y: 10, class: "nz-axis strong", "text-anchor": anchor }, nz.t(key)));
  const figure = nz.figure(title, svg, [], id);
  figure.append(reader.node);
  return figure;
};

nz.sankeyFigure = () => {
  const scenario = nz.shown();
  const years = nz.data.sankey[scenario];
  const laid = years && years[yearShown()];
  if (!laid || !laid.nodes.length) return null;
  const title = `${nz.t("chart.sankey")} · ${yearShown()} · ${nz.scenarioName(scenario)}`;
  const figure = draw({ laid, title, width: 348, scale: 1, id: "chart-sankey", numbers: false });
  nz.withLarge(figure, (width) => draw({ laid, title, width, scale: 1.35, id: "chart-sankey-large", numbers: true }));
  const both = [nz.firstYear, nz.lastYear].filter((year) => years[year]);
  return [both.length > 1 ? nz.choiceButtons("sankey", both.map((year) => [String(year), String(year), year === yearShown()]), (year) => nz.set({ year: Number(year) })) : null, figure];
};
