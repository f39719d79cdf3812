// What the larger charts share: text cut to fit, a line that reads out, choices, and a large view.
const pen = document.createElement("canvas").getContext("2d");
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "Segoe UI", Roboto, Arial, sans-serif';

nz.textWidth = (text, size = 11) => {
  pen.font = `${size}px ${FONT}`;
  return pen.measureText(text).width;
};
// The text, or as much of it as is no wider than some pixels.
nz.fit = (text, width, size = 11) => {
  if (nz.textWidth(text, size) <= width) return text;
  let length = text.length - 1;
  while (length > 0 && nz.textWidth(`${text.slice(0, length)}…`, size) > width) length -= 1;
  return length > 0 ? `${text.slice(0, length).trimEnd()}…` : "";
};

// A line under a chart that says what is pointed at; `rest` is said while nothing is.
nz.readout = (rest) => {
  const node = nz.h("p", { class: "nz-readout", "aria-live": "polite" }, rest);
  return { node, say: (text) => { node.textContent = text || rest; } };
};
// Attributes of a part of a chart that reads out when it is pointed at, touched or focused.
nz.speaks = (reader, text, on, off) => {
  const start = () => { reader.say(text); if (on) on(); };
  const end = () => { reader.say(""); if (off) off(); };
  return { tabindex: 0, role: "img", "aria-label": text, onmouseenter: start, onmouseleave: end, onfocus: start, onblur: end, onclick: start };
};

// A few choices as buttons; what is chosen is remembered while the page is open.
const chosen = {};
nz.choice = (id, keys, first) => {
  if (!keys.includes(chosen[id])) chosen[id] = first || keys[0];
  return chosen[id];
};
nz.choiceButtons = (id, options, pick) => nz.h("div", { class: "nz-choice", role: "group", "data-testid": `choice-${id}` }, options.map(([key, text, on]) =>
  nz.h("button", { type: "button", "data-key": key, "data-focus": `${id}-${key}`, "aria-pressed": String(on === undefined ? chosen[id] === key : on), onclick: () => {
    if (pick) pick(key);
    else {
      chosen[id] = key;
      nz.renderCard();
    }
  } }, text)));

// The large view: the same chart, drawn as wide as the window allows.
const content = nz.h("div", { class: "nz-large-body" });
const close = nz.h("button", { type: "button", class: "nz-icon", "data-testid": "large-close", onclick: () => dialog.close() }, "×");
const dialog = nz.h("dialog", { id: "nz-large", class: "nz-large" }, close, content);
nz.largeNode = dialog;
nz.enlarged = () => dialog.open;
dialog.addEventListener("close", () => nz.empty(content));
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

nz.withLarge = (figure, draw) => {
  const button = nz.h("button", { type: "button", class: "nz-icon nz-enlarge", "data-focus": `large-${figure.dataset.testid}`, "data-testid": `large-${figure.dataset.testid}`, title: nz.t("enlarge"), "aria-label": nz.t("enlarge"), onclick: () => {
    nz.empty(content, draw(Math.max(760, Math.min(1240, window.innerWidth - 90))));
    close.setAttribute("aria-label", nz.t("close"));
    close.title = nz.t("close");
    dialog.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
    dialog.showModal();
  } }, nz.s("svg", { viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": "true" }, nz.s("path", { d: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7", fill: "none", stroke: "currentColor", "stroke-width": 1.8 })));
  figure.querySelector("figcaption").append(button);
  return figure;
};
