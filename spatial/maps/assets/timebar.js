// The year, its play button, and the scenario.
const node = nz.h("section", { id: "nz-time", class: "nz-panel" });
const play = nz.h("button", { type: "button", class: "nz-play", "data-testid": "play", onclick: () => (timer ? stop() : start()) });
const slider = nz.h("input", { type: "range", min: nz.firstYear, max: nz.lastYear, step: 1, "data-testid": "year", oninput: () => { const year = Number(slider.value); stop(); nz.set({ year }); } });
const shown = nz.h("output", { class: "nz-year", "data-testid": "year-shown" });
const choice = nz.h("div", { class: "nz-scenarios", role: "radiogroup" });
const ends = nz.h("div", { class: "nz-ends", "aria-hidden": "true" }, nz.h("span", {}, nz.firstYear), nz.h("span", {}, nz.lastYear));
let timer = 0;

const stop = () => {
  clearInterval(timer);
  timer = 0;
  render();
};
const start = () => {
  if (nz.state.year >= nz.lastYear) nz.set({ year: nz.firstYear });
  timer = setInterval(() => {
    if (nz.state.year >= nz.lastYear) stop();
    else nz.set({ year: nz.state.year + 1 });
  }, 900);
  render();
};
nz.stopPlay = () => timer && stop();

// Two scenarios and their difference are buttons; more than two are a list, with the difference as a switch beside it.
const many = nz.runs.length > 2;
const list = nz.h("select", { class: "nz-runs", "data-testid": "scenarios", onchange: () => {
  const key = list.value;
  nz.set(nz.state.scenario === "difference" && key !== nz.base ? { compared: key } : { scenario: key });
} });
const against = nz.h("button", { type: "button", "data-scenario": "difference", onclick: () => nz.set({ scenario: nz.state.scenario === "difference" ? nz.state.compared : "difference" }) });
const renderMany = () => {
  if (!choice.children.length) {
    choice.setAttribute("role", "group");
    nz.fill(list, nz.runs.map((key) => nz.h("option", { value: key })));
    nz.fill(choice, list, against);
  }
  [...list.options].forEach((option) => { option.textContent = nz.scenarioName(option.value); });
  list.value = nz.shown();
  list.setAttribute("aria-label", nz.t("scenario"));
  against.textContent = nz.t("scenario.difference.short");
  against.title = `${nz.scenarioName(nz.state.compared)} − ${nz.scenarioName(nz.base)}`;
  against.setAttribute("aria-pressed", String(nz.state.scenario === "difference"));
};

const move = (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = nz.scenarios[(nz.scenarios.indexOf(nz.state.scenario) + step + nz.scenarios.length) % nz.scenarios.length];
  nz.set({ scenario: next });
  choice.querySelector(`[data-scenario="${next}"]`).focus();
};

const render = () => {
  slider.value = nz.state.year;
  slider.style.setProperty("--done", `${(100 * (nz.state.year - nz.firstYear)) / Math.max(1, nz.lastYear - nz.firstYear)}%`);
  shown.textContent = nz.state.year;
  play.textContent = timer ? "❚❚" : "▶";
  play.setAttribute("aria-label", nz.t(timer ? "stop" : "play"));
  play.title = nz.t(timer ? "stop" : "play");
  slider.setAttribute("aria-label", nz.t("year"));
  choice.setAttribute("aria-label", nz.t("scenario"));
  if (many) {
    renderMany();
    return;
  }
  if (!choice.children.length) {
    choice.onkeydown = move;
    nz.fill(choice, nz.scenarios.map((key) => nz.h("button", { type: "button", role: "radio", "data-scenario": key, onclick: () => nz.set({ scenario: key }) })));
  }
  for (const button of choice.children) {
    const on = button.dataset.scenario === nz.state.scenario;
    button.setAttribute("aria-checked", String(on));
    button.tabIndex = on ? 0 : -1;
    button.textContent = nz.t(`scenario.${button.dataset.scenario}.short`);
    button.title = nz.scenarioName(button.dataset.scenario);
  }
};
nz.startTimebar = () => {
  nz.fill(node, nz.h("div", { class: "nz-slide" }, play, shown, nz.h("div", { class: "nz-track" }, slider, ends)), choice);
  render();
  return node;
};
nz.on((changed) => {
  if (["year", "scenario", "lang"].some((key) => changed.has(key))) render();
});
