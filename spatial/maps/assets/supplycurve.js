// What roofs of a planning unit, or of the zone, can supply up to a cost.
const ALL = "zone";
const R = nz.data.roofs;
const P = nz.data.parcels;
const UNIT = "CNY/kWh";
const say = (cost) => `${nz.number(cost)}\u00a0${nz.unitText(UNIT)}`;
const told = (curve, place) => nz.t("supply.told").replace("{cost}", say(curve.lcoe[place])).replace("{size}", nz.withUnit(curve.mw[place] * 1000, "kWp")).replace("{energy}", nz.withUnit(curve.mwh[place], "MWh"));

// The dearest few would flatten all others, so the axis ends a little above what 98 % of the capacity cost.
const highest = ({ mw, lcoe }) => {
  const last = lcoe.length - 1;
  const usual = lcoe[mw.findIndex((reached) => reached >= 0.98 * mw[last])];
  return Math.min(lcoe[last] * 1.08, usual * 1.4) || 1;
};

const draw = ({ curve, title, width, height, id }) => {
  const { mw, lcoe } = curve;
  const last = mw.length - 1;
  const step = nz.scale("kWp", mw[last] * 1000);
  const high = highest(curve);
  const frame = nz.frame({ width, height, high, unit: nz.unitText(UNIT), label: title, bottom: 32 });
  frame.svg.setAttribute("role", "group");
  const foot = frame.height - frame.bottom;
  const x = (reached) => frame.left + (frame.inner * reached) / mw[last];
  const y = (cost) => frame.y(Math.min(cost, high));
  const stairs = mw.map((reached, place) => `V${y(lcoe[place]).toFixed(1)}H${x(reached).toFixed(1)}`).join("");
  frame.svg.append(
    nz.s("path", { d: `M${frame.left} ${foot}${stairs}V${foot}Z`, fill: nz.data.ramps.sun[0] }),
    nz.s("path", { d: `M${frame.left} ${y(lcoe[0]).toFixed(1)}${stairs}`, fill: "none", stroke: nz.data.ramps.sun[4], "stroke-width": 2, "data-testid": `${id}-line` }));
  if (lcoe[last] > high) {
    const edge = x(mw[last]) - 5;
    frame.svg.append(nz.s("path", { d: `M${edge - 4} ${frame.top + 7}l4 -6l4 6z`, fill: "#1d2733" }, nz.s("title", {}, told(curve, last))));
  }
  for (const tick of nz.ticks(0, (mw[last] * 1000) / step.divisor, 4)) {
    frame.svg.append(nz.s("text", { x: x((tick * step.divisor) / 1000), y: height - 18, class: "nz-axis", "text-anchor": "middle" }, nz.number(tick, 4)));
  }
  frame.svg.append(nz.s("text", { x: width - frame.right, y: height - 3, class: "nz-axis", "text-anchor": "end" }, `${nz.t("supply.size")} ${step.unit}`));

  // One stop of the keyboard: arrows walk along the curve, the mouse and the finger point at it.
  const reader = nz.readout(nz.t("supply.hint"));
  const rule = nz.s("line", { y1: frame.top, y2: foot, class: "nz-point", visibility: "hidden" });
  const dot = nz.s("circle", { r: 4, fill: nz.data.ramps.sun[5], stroke: "#fff", "stroke-width": 1.4, visibility: "hidden" });
  const hand = nz.s("rect", { x: frame.left, y: frame.top, width: frame.inner, height: foot - frame.top, class: "nz-hit nz-hand", tabindex: 0, role: "slider", "aria-label": title, "aria-valuemin": 0, "aria-valuemax": last, "aria-valuenow": 0, "aria-valuetext": told(curve, 0), "data-testid": `${id}-hand` });
  let at = 0;
  const show = (place) => {
    at = Math.max(0, Math.min(last, place));
    hand.setAttribute("aria-valuenow", at);
    hand.setAttribute("aria-valuetext", told(curve, at));
    for (const [node, key] of [[rule, "x1"], [rule, "x2"], [dot, "cx"]]) node.setAttribute(key, x(mw[at]));
    dot.setAttribute("cy", y(lcoe[at]));
    for (const node of [rule, dot]) node.setAttribute("visibility", "visible");
    reader.say(told(curve, at));
  };
  const point = (event) => {
    const box = hand.getBoundingClientRect();
    const reached = ((event.clientX - box.left) / box.width) * mw[last];
    const place = mw.findIndex((value) => value >= reached);
    show(place < 0 ? last : place);
  };
  const rest = () => {
    for (const node of [rule, dot]) node.setAttribute("visibility", "hidden");
    reader.say("");
  };
  for (const name of ["pointermove", "pointerdown"]) hand.addEventListener(name, point);
  hand.addEventListener("pointerleave", rest);
  hand.addEventListener("focus", () => show(at));
  hand.addEventListener("blur", rest);
  hand.addEventListener("keydown", (event) => {
    const big = Math.max(1, Math.round(last / 10));
    const next = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, PageUp: at + big, PageDown: at - big, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(next);
  });
  frame.svg.append(rule, dot, hand);
  const figure = nz.figure(title, frame.svg, [], id);
  figure.append(reader.node);
  return figure;
};

// The same as a table, of the steps that add much to what is there before them.
const MUCH = 0.01; // of all capacity
const list = (curve) => {
  const { mw, lcoe } = curve;
  const last = lcoe.length - 1;
  let before = 0;
  const rows = lcoe.map((_, place) => place).filter((place) => {
    const counts = place === last || mw[place] - before >= MUCH * mw[last];
    if (counts) before = mw[place];
    return counts;
  });
  return nz.h("details", { class: "nz-more" }, nz.h("summary", { "data-focus": "supply-list" }, nz.t("supply.list")),
    nz.h("table", { class: "nz-figures", "data-testid": "supply-list" },
      nz.h("thead", {}, nz.h("tr", {}, nz.h("th", { scope: "col" }, `${nz.t("supply.cost")} [${nz.unitText(UNIT)}]`), ["supply.size", "supply.energy"].map((key) => nz.h("th", { scope: "col" }, nz.t(key))))),
      nz.h("tbody", {}, rows.map((place) => nz.h("tr", {},
        nz.h("th", { scope: "row" }, nz.number(lcoe[place], 4)), nz.h("td", {}, nz.withUnit(curve.mw[place] * 1000, "kWp")), nz.h("td", {}, nz.withUnit(curve.mwh[place], "MWh")))))));
};

const figures = (unit) => {
  if (!R) return null;
  const mine = R.parcel.map((parcel, place) => (unit === ALL || P.units[P.unit[parcel]] === unit ? place : -1)).filter((place) => place >= 0);
  const sum = (name) => mine.reduce((total, place) => total + (R[name][place] || 0), 0);
  const kind = nz.kindOf("assumed", "parcels controls");
  return nz.h("dl", {},
    nz.line(nz.t("roof.count"), nz.count(mine.length), "", kind, "roofs"),
    nz.line(nz.term("kwp"), ...nz.amount(sum("kwp"), "kWp"), kind, "roofs-kwp"),
    nz.line(nz.t("roof.p50"), ...nz.amount(sum("mwh"), "MWh"), kind, "roofs-mwh"),
    nz.line(nz.t("roof.p90"), ...nz.amount(sum("mwh_p90"), "MWh"), kind, "roofs-mwh_p90"));
};

nz.supplySection = (unit = ALL) => {
  const curve = nz.data.roof_supply[unit];
  if (!curve) return null;
  const title = `${nz.t("chart.roof.supply")} · ${nz.targetYear}`;
  const figure = draw({ curve, title, width: 348, height: 190, id: "chart-roof-supply" });
  nz.withLarge(figure, (width) => draw({ curve, title, width, height: 420, id: "chart-roof-supply-large" }));
  return nz.section(`${nz.t("section.roof.supply")} · ${nz.targetYear}`, figures(unit), figure, list(curve), nz.h("p", { class: "nz-note" }, nz.t("supply.note")));
};
