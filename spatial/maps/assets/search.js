// Search by parcel id or name: type, arrows, Enter.
const P = nz.data.parcels;
const input = nz.h("input", { type: "search", id: "nz-search", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-controls": "nz-found", "aria-expanded": "false" });
const list = nz.h("ul", { id: "nz-found", role: "listbox", hidden: true });
let hits = [];
let active = -1;

const units = nz.data.units ? nz.data.units.id.map((id, place) => ({ unit: id, place })) : [];
const find = (text) => {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const rank = (value) => {
    const at = value.toLowerCase().indexOf(wanted);
    return at < 0 ? 9 : value.length === wanted.length ? 0 : at === 0 ? 1 : 2;
  };
  const parcels = P.id.map((id, place) => ({ place, rank: Math.min(rank(id), rank(P.name[place]) + 0.5) }));
  const named = units.map((row) => ({ ...row, rank: Math.min(rank(nz.data.units.name_zh[row.place]), rank(nz.data.units.name_en[row.place]), rank(row.unit)) }));
  return [...named, ...parcels].filter((row) => row.rank < 9).sort((a, b) => a.rank - b.rank || a.place - b.place).slice(0, 8);
};

const close = () => {
  list.hidden = true;
  active = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
};
const go = (hit) => {
  if (!hit) return;
  close();
  if (hit.unit !== undefined) nz.openUnit(hit.unit);
  else nz.showParcel(hit.place);
};
const draw = () => {
  nz.empty(list, hits.length ? hits.map((hit, at) => {
    const unit = hit.unit !== undefined;
    const code = unit ? null : P.codes[P.code[hit.place]];
    return nz.h("li", { role: "option", id: `nz-hit-${at}`, "aria-selected": String(at === active), onmousedown: (event) => { event.preventDefault(); go(hit); } },
      nz.h("i", { style: { background: unit ? nz.data.colours.unit : (nz.data.landuse[code] || [0, 0, "#ccc"])[2] } }),
      nz.h("b", {}, unit ? nz.name(nz.data.units, hit.place) : P.id[hit.place]), nz.h("span", {}, unit ? nz.t("unit") : P.name[hit.place]));
  }) : nz.h("li", { class: "nz-nothing" }, nz.t("nothing.found")));
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  if (active >= 0) input.setAttribute("aria-activedescendant", `nz-hit-${active}`);
};

input.addEventListener("input", () => {
  hits = find(input.value);
  active = hits.length ? 0 : -1;
  if (input.value.trim()) draw();
  else close();
});
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!hits.length) return;
    active = (active + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length;
    draw();
  } else if (event.key === "Enter") go(hits[Math.max(0, active)]);
  else if (event.key === "Escape" && !list.hidden) {
    event.stopPropagation();
    close();
  }
});
input.addEventListener("blur", close);

const words = () => {
  input.placeholder = nz.t("search.hint");
  input.setAttribute("aria-label", nz.t("search"));
  list.setAttribute("aria-label", nz.t("search"));
};
nz.searchNode = nz.h("div", { class: "nz-search", role: "search" }, input, list);
nz.focusSearch = () => input.focus();
words();
nz.on((changed) => { if (changed.has("lang")) words(); });
