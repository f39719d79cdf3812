// Classes of an amount: quantiles rounded to numbers one can say, the same for every year and scenario.
const ROUND = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

nz.rounded = (value) => {
  if (!value) return 0;
  const power = 10 ** Math.floor(Math.log10(Math.abs(value)));
  const lead = Math.abs(value) / power;
  const near = ROUND.reduce((best, step) => (Math.abs(step - lead) < Math.abs(best - lead) ? step : best));
  return Number((Math.sign(value) * near * power).toPrecision(3));
};

nz.quantiles = (sorted, shares) => shares.map((share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);

// Inner limits between classes; n classes need n - 1.
nz.breaks = (values, classes) => {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  if (!sorted.length) return [];
  const shares = Array.from({ length: classes - 1 }, (_, i) => (i + 1) / classes);
  const exact = nz.quantiles(sorted, shares);
  // Values that lie close together need finer numbers to tell them apart.
  const tries = [nz.rounded, (value) => Number(value.toPrecision(2)), (value) => Number(value.toPrecision(3))].map((round) =>
    [...new Set(exact.map(round))].filter((limit) => limit > sorted[0] && limit <= sorted[sorted.length - 1]));
  return tries.find((limits) => limits.length >= classes - 3) || tries[tries.length - 1];
};

// Limits at round numbers of equal distance, for values that are much alike but for a few; those count to the ends.
nz.evenBreaks = (values, classes) => {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const [least, most] = nz.quantiles(sorted, [0.01, 0.99]);
  if (!(most > least)) return [];
  const step = nz.roundStep((most - least) / (classes - 1));
  const top = Math.ceil(most / step) - 1;
  return Array.from({ length: classes - 1 }, (_, place) => Number(((top - place) * step).toPrecision(6))).filter((limit) => limit > sorted[0]).reverse();
};

// Limits for a difference, the same on both sides of zero; the middle class is "about the same".
nz.changeBreaks = (values) => {
  const sizes = values.filter((value) => value !== null && value !== 0).map(Math.abs).sort((a, b) => a - b);
  if (!sizes.length) return [];
  const limits = [...new Set(nz.quantiles(sizes, [0.1, 0.45, 0.8]).map(nz.rounded))].filter((limit) => limit > 0);
  return [...limits.map((limit) => -limit).reverse(), ...limits];
};

nz.classOf = (value, breaks) => {
  let place = 0;
  while (place < breaks.length && value >= breaks[place]) place += 1;
  return place;
};

// As many colours as classes, spread over the ramp.
nz.spread = (ramp, classes) =>
  Array.from({ length: classes }, (_, i) => ramp[classes === 1 ? ramp.length - 2 : Math.round((i * (ramp.length - 1)) / (classes - 1))]);

nz.rangeText = (breaks, place, divisor) => {
  const say = (value) => nz.number(value / divisor);
  if (!breaks.length) return "> 0";
  if (place === 0) return `< ${say(breaks[0])}`;
  if (place === breaks.length) return `≥ ${say(breaks[breaks.length - 1])}`;
  return `${say(breaks[place - 1])} – ${say(breaks[place])}`;
};
