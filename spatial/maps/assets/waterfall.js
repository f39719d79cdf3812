// Steps from one level to the next, one row each: [name, whether a level, start, end].
nz.chartWaterfall = ({ title, steps, unit, id, say, sectors = false }) => {
  const ends = steps.flatMap((row) => [row[2], row[3]]);
  const step = nz.scale(unit, Math.max(...ends.map(Math.abs)));
  const row = 22;
  const width = 348;
  const label = 146;
  const right = 52;
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const x = (value) => label + ((value - low) / (high - low || 1)) * (width - label - right);
  const svg = nz.s("svg", { viewBox: `0 0 ${width} ${steps.length * row + 16}`, class: "nz-chart", "aria-label": title, role: "group" });
  svg.append(nz.s("text", { x: width - 2, y: 10, class: "nz-axis", "text-anchor": "end" }, step.unit));
  svg.append(nz.s("line", { x1: x(0), x2: x(0), y1: 14, y2: steps.length * row + 14, class: "nz-zero" }));
  steps.forEach(([name, level, start, end], place) => {
    const y = 16 + place * row;
    const change = end - start;
    const colour = level ? nz.data.colours.unit : change < 0 ? nz.data.ramps.change[1] : nz.data.ramps.change[5];
    const rule = sectors && !level ? nz.sectorLight(name) : null;
    const light = () => rule && nz.set({ light: rule });
    const dark = () => rule && nz.set({ light: null });
    const text = say(name, Boolean(level));
    const said = `${level || change < 0 ? "" : "+"}${nz.number((level ? end : change) / step.divisor)}`;
    const full = `${text} ${said} ${step.unit}`;
    svg.append(nz.s("g", { class: rule ? "nz-bar" : null, tabindex: rule ? 0 : null, role: rule ? "button" : "img", "data-sector": rule ? name : null, "data-step": name, "aria-label": full, onmouseenter: light, onmouseleave: dark, onfocus: light, onblur: dark },
      nz.s("rect", { x: 0, y: y - 2, width, height: row - 1, fill: "transparent" }),
      nz.s("text", { x: label - 6, y: y + 12, class: level ? "nz-axis strong" : "nz-axis", "text-anchor": "end" }, nz.fit(text, label - 10, level ? 12 : 11)),
      nz.s("rect", { x: x(Math.min(start, end)), y: y + 1, width: Math.max(1, Math.abs(x(end) - x(start))), height: row - 8, fill: colour }),
      nz.s("text", { x: Math.max(x(start), x(end)) + 4, y: y + 12, class: "nz-axis" }, said),
      nz.s("title", {}, full)));
  });
  return nz.figure(title, svg, [], id);
};

const levelName = (name) => (name === "base_year" ? String(nz.firstYear) : `${nz.lastYear} ${nz.t(`scenario.${name}.short`)}`);

// How the zone gets from one level to the next: by sector, whose parcels light, or by measure.
nz.waterfallSection = () => {
  const kinds = ["sector", "measure"].filter((key) => nz.data.waterfall[key]);
  if (!kinds.length) return null;
  const by = nz.choice("waterfall", kinds);
  const say = (name, level) => (level ? levelName(name) : name === "other" ? nz.t("other") : by === "sector" ? nz.term(name) : nz.measureName(name));
  return nz.section(nz.t("section.waterfall"),
    kinds.length > 1 ? nz.choiceButtons("waterfall", kinds.map((key) => [key, nz.t(`by.${key}`)])) : null,
    nz.chartWaterfall({ title: nz.t(`chart.waterfall.${by}`), steps: nz.data.waterfall[by], unit: "t", id: "chart-waterfall", say, sectors: by === "sector" }),
    nz.h("p", { class: "nz-note" }, nz.t(by === "sector" ? "waterfall.note" : "waterfall.order")));
};

// What moved CO2 between base and target year: activity, structure, intensity, carriers, grid.
nz.effectsChart = () => {
  const steps = nz.data.effects[nz.shown()];
  if (!steps) return null;
  const years = { base: nz.firstYear, target: nz.lastYear };
  const say = (name, level) => (level ? String(years[name]) : name === "other" ? nz.t("other") : nz.term(`effect.${name}`));
  const title = `${nz.t("chart.effects")} · ${nz.firstYear} – ${nz.lastYear} · ${nz.scenarioName(nz.shown())}`;
  const figure = nz.chartWaterfall({ title, steps, unit: "t", id: "chart-effects", say });
  figure.append(nz.h("p", { class: "nz-note" }, nz.t("effects.note")));
  return figure;
};
