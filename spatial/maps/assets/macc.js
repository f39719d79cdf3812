// What a tonne costs, measure by measure: as wide as what it saves, as high as what a tonne costs.
const MODES = ["step", "alone"];
const price = () => ((nz.data.abatement.ambition || []).find((row) => row[5]) || [null])[0];
const kindOf = (cost, limit) => (cost < 0 ? "gain" : limit === null || cost <= limit ? "pays" : "dear");
const FILLS = { gain: ["change", 1], pays: ["change", 4], dear: ["carbon", 1] };
const fillOf = (kind) => nz.data.ramps[FILLS[kind][0]][FILLS[kind][1]];

// The dearest few would flatten all others, so the axis ends where nine tenths of the tonnes are shown in full.
const bounds = (rows, limit) => {
  const whole = rows.reduce((sum, row) => sum + row[2] - row[1], 0);
  const edge = (sorted) => {
    let sum = 0;
    for (const row of sorted) {
      sum += row[2] - row[1];
      if (sum >= 0.9 * whole) return row[3];
    }
    return 0;
  };
  const costs = rows.map((row) => row[3]);
  const up = Math.max(edge([...rows].sort((a, b) => a[3] - b[3])), limit || 0) * 1.35;
  const down = Math.min(edge([...rows].sort((a, b) => b[3] - a[3])), 0) * 1.35;
  return [Math.max(Math.min(0, ...costs), Math.min(down, -up * 0.25)), Math.min(Math.max(0, limit || 0, ...costs) * 1.12, Math.max(up, -down * 0.25)) || 1];
};

const sayMeasure = (row) => `${nz.measureName(row[0])}: ${nz.t("macc.saves")} ${nz.withUnit(row[2] - row[1], "t")}, ${nz.number(row[3])}\u00a0${nz.t("unit.CNY/t")}`;

const draw = ({ mode, width, height, id, names = false }) => {
  const rows = nz.data.abatement[mode];
  const limit = price();
  const [least, high] = bounds(rows, limit);
  const low = least < 0 ? least - 0.08 * (high - least) : 0; // room for a name below
  const total = rows[rows.length - 1][2];
  const step = nz.scale("t", total);
  const title = `${nz.t("chart.macc")} · ${nz.lastYear} · ${nz.t(`macc.${mode}`)}`;
  const frame = nz.frame({ width, height, low, high, unit: nz.t("unit.CNY/t"), label: title, bottom: 30, top: 34 });
  frame.svg.setAttribute("role", "group");
  const reader = nz.readout(nz.t("macc.hint"));
  const x = (value) => frame.left + (frame.inner * value) / total;
  rows.forEach((row, place) => {
    const [measure, start, end, cost] = row;
    const shown = Math.max(least, Math.min(high, cost));
    const [top, bottom] = [frame.y(Math.max(0, shown)), frame.y(Math.min(0, shown))];
    const size = x(end) - x(start);
    const name = nz.measureName(measure);
    const inside = nz.textWidth(name, 10.5) + 6 <= size ? name : size >= 13 ? String(place + 1) : "";
    const y = cost < 0 ? bottom + 12 : Math.max(top - 4, frame.top + 10);
    frame.svg.append(nz.s("g", { class: "nz-measure", "data-measure": measure, ...nz.speaks(reader, `${place + 1}. ${sayMeasure(row)}`) },
      nz.s("rect", { x: x(start), y: frame.top, width: Math.max(size, 1), height: frame.height - frame.top - frame.bottom, class: "nz-hit" }),
      nz.s("rect", { x: x(start), y: top, width: Math.max(size - (size > 3 ? 0.8 : 0), 0.8), height: Math.max(1, bottom - top), fill: fillOf(kindOf(cost, limit)) }),
      shown !== cost && size >= 8 ? nz.s("path", { d: cost > 0 ? `M${x(start) + size / 2 - 4} ${top + 9}l4 -6l4 6z` : `M${x(start) + size / 2 - 4} ${bottom - 9}l4 6l4 -6z`, fill: "#1d2733" }) : null,
      inside ? nz.s("text", { x: (x(start) + x(end)) / 2, y: shown !== cost && cost > 0 ? y + 18 : y, class: "nz-axis nz-halo", "text-anchor": "middle" }, inside) : null,
      nz.s("title", {}, sayMeasure(row))));
  });
  for (const tick of nz.ticks(0, total / step.divisor, 4)) {
    if (tick > total / step.divisor) continue;
    frame.svg.append(nz.s("text", { x: x(tick * step.divisor), y: height - 16, class: "nz-axis", "text-anchor": "middle" }, nz.number(tick, 4)));
  }
  frame.svg.append(nz.s("text", { x: width - frame.right, y: height - 2, class: "nz-axis", "text-anchor": "end" }, `${nz.t("macc.saved")} ${step.unit}`));
  if (limit !== null) {
    frame.svg.append(nz.s("line", { x1: frame.left, x2: width - frame.right, y1: frame.y(limit), y2: frame.y(limit), class: "nz-limit", "data-testid": "carbon-price" }));
  }
  const paying = mode === "step" ? rows.filter((row) => row[4]).pop() : null;
  if (paying) {
    const at = x(paying[2]);
    const end = at > width * 0.55;
    frame.svg.append(nz.s("line", { x1: at, x2: at, y1: 16, y2: height - frame.bottom, class: "nz-point", "data-testid": "near-zero-point" }),
      nz.s("text", { x: at + (end ? -4 : 4), y: 24, class: "nz-axis strong", "text-anchor": end ? "end" : "start" }, `${nz.t("macc.point")} ${nz.withUnit(paying[5], "t")}`));
  }
  const entries = ["gain", "pays", "dear"].filter((kind) => rows.some((row) => kindOf(row[3], limit) === kind)).map((kind) => [fillOf(kind), nz.t(`macc.${kind}`)]);
  if (limit !== null) entries.push([nz.data.colours.limit, `${nz.t("macc.price")} ${nz.number(limit)} ${nz.t("unit.CNY/t")}`, true]);
  const figure = nz.figure(title, frame.svg, entries, id);
  figure.insertBefore(reader.node, frame.svg.nextSibling);
  if (names) figure.append(nz.h("ol", { class: "nz-names" }, rows.map((row) => nz.h("li", {}, nz.measureName(row[0])))));
  return figure;
};

// Every measure with its numbers, for whoever would rather read than point.
const list = (mode) => nz.h("details", { class: "nz-more" }, nz.h("summary", { "data-focus": "macc-list" }, nz.t("macc.list")),
  nz.h("table", { class: "nz-figures", "data-testid": "macc-list" },
    nz.h("thead", {}, nz.h("tr", {}, ["macc.measure", "macc.saved", "unit.CNY/t"].map((key) => nz.h("th", { scope: "col" }, nz.t(key))))),
    nz.h("tbody", {}, nz.data.abatement[mode].map((row, place) => nz.h("tr", {}, nz.h("th", { scope: "row" }, `${place + 1}. ${nz.measureName(row[0])}`), nz.h("td", {}, nz.withUnit(row[2] - row[1], "t")), nz.h("td", {}, nz.number(row[3])))))));

// How far measures pay at each carbon price, and what is left.
const ambition = () => {
  const rows = nz.data.abatement.ambition;
  if (!rows) return null;
  const heads = ["macc.price", "macc.measures", "co2", "macc.cost", "macc.head"];
  return nz.h("details", { class: "nz-more" }, nz.h("summary", { "data-focus": "ambition" }, nz.t("macc.ambition")),
    nz.h("table", { class: "nz-figures", "data-testid": "ambition" },
      nz.h("thead", {}, nz.h("tr", {}, heads.map((key) => nz.h("th", { scope: "col" }, nz.t(key))))),
      nz.h("tbody", {}, rows.map(([cost, co2, cny, head, count, on]) => nz.h("tr", { class: on ? "chosen" : null }, nz.h("th", { scope: "row" }, nz.number(cost, 4)), nz.h("td", {}, nz.count(count)), nz.h("td", {}, nz.withUnit(co2, "t")), nz.h("td", {}, nz.withUnit(cny, "CNY")), nz.h("td", {}, nz.number(head)))))));
};

nz.maccSection = () => {
  const modes = MODES.filter((mode) => (nz.data.abatement[mode] || []).length);
  if (!modes.length) return null;
  const mode = nz.choice("macc", modes);
  const figure = draw({ mode, width: 348, height: 250, id: "chart-macc" });
  nz.withLarge(figure, (width) => draw({ mode, width, height: 480, id: "chart-macc-large", names: true }));
  return nz.section(nz.t("section.macc"), modes.length > 1 ? nz.choiceButtons("macc", modes.map((key) => [key, nz.t(`macc.${key}`)])) : null, figure,
    nz.h("p", { class: "nz-note" }, nz.t("macc.note")), list(mode), ambition());
};
