// Three significant digits, thousands spaced, and the unit that fits.
const SPACE = "\u00a0";

nz.number = (value, digits = 3) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(digits));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  let text = Math.abs(rounded).toFixed(Math.min(decimals, 6));
  if (text.includes(".")) text = text.replace(/0+$/, "").replace(/\.$/, "");
  const [whole, part] = text.split(".");
  const spaced = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, SPACE) : whole;
  return (rounded < 0 ? "\u2212" : "") + spaced + (part ? `.${part}` : "");
};
nz.count = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, SPACE);
nz.year = (value) => String(value);
nz.percent = (share) => (share === null ? "–" : `${nz.number(share * 100)}${SPACE}%`);

// Each ladder: [smallest amount in the table's unit, divisor, unit]; Chinese readers count in 万 and 亿.
const LADDERS = {
  MWh: {
    en: [[1e6, 1e6, "TWh"], [1e3, 1e3, "GWh"], [1, 1, "MWh"], [0, 1e-3, "kWh"]],
    zh: [[1e5, 1e5, "亿千瓦时"], [10, 10, "万千瓦时"], [0, 1e-3, "千瓦时"]],
  },
  t: {
    en: [[1e6, 1e6, "Mt"], [1e3, 1e3, "kt"], [0, 1, "t"]],
    zh: [[1e4, 1e4, "万吨"], [0, 1, "吨"]],
  },
  kW: {
    en: [[1e6, 1e6, "GW"], [1e3, 1e3, "MW"], [0, 1, "kW"]],
    zh: [[1e4, 1e4, "万千瓦"], [0, 1, "千瓦"]],
  },
  kWp: {
    en: [[1e6, 1e6, "GWp"], [1e3, 1e3, "MWp"], [0, 1, "kWp"]],
    zh: [[1e4, 1e4, "万千瓦"], [0, 1, "千瓦"]],
  },
  "m²": {
    en: [[1e6, 1e6, "km²"], [1e4, 1e4, "ha"], [0, 1, "m²"]],
    zh: [[1e6, 1e6, "平方公里"], [1e4, 1e4, "公顷"], [0, 1, "平方米"]],
  },
  m: {
    en: [[1e3, 1e3, "km"], [0, 1, "m"]],
    zh: [[1e3, 1e3, "公里"], [0, 1, "米"]],
  },
  CNY: {
    en: [[1e9, 1e9, "bn CNY"], [1e6, 1e6, "M CNY"], [0, 1, "CNY"]],
    zh: [[1e8, 1e8, "亿元"], [1e4, 1e4, "万元"], [0, 1, "元"]],
  },
};
const ALIASES = { m2: "m²", "MWh/a": "MWh", "t/a": "t", "tCO2/a": "t", "kWh/m2": "kWh/m²", "t CO2": "t", tCO2: "t", "1": "", "-": "" };

// The step of the ladder that fits the largest of some amounts.
nz.scale = (unit, largest) => {
  const plain = ALIASES[unit] === undefined ? unit || "" : ALIASES[unit];
  const ladder = LADDERS[plain];
  if (!ladder) return { divisor: 1, unit: nz.unitText(plain) };
  const steps = ladder[nz.state.lang];
  const found = steps.find((step) => Math.abs(largest || 0) >= step[0] * 0.9995) || steps[steps.length - 1];
  const [, divisor, name] = largest ? found : steps.find((step) => step[1] === 1) || steps[steps.length - 1];
  return { divisor, unit: name };
};
nz.amount = (value, unit) => {
  if (value === null || value === undefined) return ["–", ""];
  const step = nz.scale(unit, value);
  return [nz.number(value / step.divisor), step.unit];
};
nz.withUnit = (value, unit) => nz.amount(value, unit).join(SPACE).trim();

// Units in words where Chinese text has its own; others are the same in both languages.
nz.unitText = (unit) => {
  const plain = ALIASES[unit] === undefined ? unit || "" : ALIASES[unit];
  const key = `unit.${plain}`;
  return nz.data.texts[key] ? nz.t(key) : plain.replace("CO2", "CO₂").replace("m2", "m²");
};
