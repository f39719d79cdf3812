// One theme at a time: a row of groups, the themes of the open group, and ticks for what lies on top.
const GROUPS = ["plan", "sun", "wind", "demand", "networks", "carbon", "review"];
const node = nz.h("section", { id: "nz-choose", class: "nz-panel" });
const lastOf = {};

const offered = (group) => nz.data.themes.filter((theme) => theme.group === group && nz.available(theme));
const choose = (theme) => {
  lastOf[theme.group] = theme.id;
  nz.set({ theme: theme.id, light: null });
};

// Arrow keys move within a row of buttons, as in any tab list.
const arrows = (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll("button")];
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  event.preventDefault();
  next.focus();
  next.click();
};

nz.renderChooser = () => {
  const theme = nz.theme();
  const focused = document.activeElement && node.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  const groups = GROUPS.filter((group) => offered(group).length);
  const open = node.dataset.open === "yes";
  nz.empty(node,
    nz.h("button", { type: "button", class: "nz-choose-toggle", "data-focus": "toggle", "aria-expanded": String(open), onclick: () => { node.dataset.open = open ? "no" : "yes"; nz.renderChooser(); } },
      nz.h("span", {}, nz.t(`group.${theme.group}`)), nz.h("b", {}, nz.themeName(theme)), nz.h("i", { "aria-hidden": "true" }, open ? "×" : "▾")),
    nz.h("div", { class: "nz-choose-body" },
      nz.h("div", { class: "nz-groups", role: "tablist", "aria-label": nz.t("themes"), onkeydown: arrows }, groups.map((group) =>
        nz.h("button", { type: "button", role: "tab", "data-group": group, "data-focus": `g-${group}`, "aria-selected": String(group === theme.group), tabindex: group === theme.group ? 0 : -1,
          onclick: () => choose(nz.theme(lastOf[group] || offered(group)[0].id)) }, nz.t(`group.${group}`)))),
      nz.h("div", { class: "nz-themes", role: "radiogroup", "aria-label": nz.t(`group.${theme.group}`), onkeydown: arrows }, offered(theme.group).map((row) =>
        nz.h("button", { type: "button", role: "radio", "data-theme": row.id, "data-focus": `t-${row.id}`, "aria-checked": String(row.id === theme.id), tabindex: row.id === theme.id ? 0 : -1, onclick: () => choose(row) },
          nz.h("span", {}, nz.themeName(row)), row.unit ? nz.h("em", {}, nz.unitText(row.unit)) : null))),
      nz.h("div", { class: "nz-overlays", role: "group", "aria-label": nz.t("overlays") }, nz.overlays.map((row) =>
        nz.h("label", {},
          nz.h("input", { type: "checkbox", "data-overlay": row.id, "data-focus": `o-${row.id}`, checked: nz.isShown(row), onchange: (event) => nz.tick(row.id, event.target.checked) }),
          nz.h("span", {}, nz.overlayName(row)))))));
  node.setAttribute("aria-label", nz.t("themes"));
  if (focused) {
    const again = node.querySelector(`[data-focus="${focused}"]`);
    if (again) again.focus();
  }
};
// What an overlay is called may change with the zoom.
nz.nameOverlays = () => node.querySelectorAll("[data-overlay]").forEach((input) => {
  input.nextElementSibling.textContent = nz.overlayName(nz.overlays.find((row) => row.id === input.dataset.overlay));
});
nz.chooserNode = node;
nz.on((changed) => {
  if (changed.has("theme") || changed.has("lang")) nz.renderChooser();
});
