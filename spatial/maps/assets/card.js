// The drawer on the right (a sheet from below on a narrow screen) that all cards share.
const node = nz.h("aside", { id: "nz-card", class: "nz-panel", tabindex: -1, hidden: true });
const title = nz.h("h2", { "data-testid": "card-title" });
const kicker = nz.h("p", { class: "nz-kicker" });
const copy = nz.h("button", { type: "button", class: "nz-icon", "data-testid": "copy", onclick: () => nz.copyLink() });
const chain = () => nz.s("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, nz.s("path", { d: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2", fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round" }));
nz.copyIcon = (done) => nz.empty(copy, done ? "✓" : chain());
const close = nz.h("button", { type: "button", class: "nz-icon", "data-testid": "close", onclick: () => nz.closeCard() }, "×");
const body = nz.h("div", { class: "nz-card-body" });
nz.fill(node, nz.h("header", {}, nz.h("div", {}, kicker, title), copy, close), body);
nz.cardNode = node;
nz.cards = {}; // kind of card -> {kicker(), title(), body()}

let opener = null;
nz.openCard = (patch, focus = true) => {
  if (node.hidden) opener = document.activeElement;
  nz.set({ light: null, ...patch });
  if (focus) node.focus({ preventScroll: true });
};
nz.closeCard = () => {
  nz.set({ card: null, parcel: null, unit: null, pick: null, light: null });
  if (nz.atHome) nz.home();
  if (opener && document.contains(opener)) opener.focus({ preventScroll: true });
};
nz.openParcel = (place, focus) => nz.openCard({ card: "parcel", parcel: place, unit: null, pick: null }, focus);
nz.openUnit = (id) => {
  nz.openCard({ card: "unit", unit: id, parcel: null, pick: null });
  if (nz.atHome) nz.home();
};
nz.openZone = () => {
  nz.openCard({ card: "zone", unit: null, parcel: null, pick: null });
  if (nz.atHome) nz.home();
};
nz.openPick = (card, place) => nz.openCard({ card, pick: place, unit: null, parcel: null });

// Brings a place to where no panel covers it, but only when it is covered, too small to see or too far out.
nz.bring = (bounds, maxZoom, least = 0) => {
  const wide = window.innerWidth > 700;
  const clear = wide ? [320, 120, 440, 110] : [20, 150, 20, window.innerHeight * 0.6];
  const a = nz.map.latLngToContainerPoint(bounds.getNorthWest());
  const b = nz.map.latLngToContainerPoint(bounds.getSouthEast());
  const size = nz.map.getSize();
  const seen = a.x > clear[0] && a.y > clear[1] && b.x < size.x - clear[2] && b.y < size.y - clear[3] && Math.max(b.x - a.x, b.y - a.y) > 24;
  if (!seen || nz.map.getZoom() < least) nz.map.fitBounds(bounds, { maxZoom, animate: false, paddingTopLeft: clear.slice(0, 2), paddingBottomRight: clear.slice(2) });
};
nz.showParcel = (place) => {
  nz.openParcel(place);
  nz.bring(nz.polygons[place].getBounds(), 15.5);
};

// A number with its name, unit and a dot for the kind of source it rests on.
nz.kindOf = (kind, inputs) => {
  const said = nz.data.meta.illustrative.join(" ").toLowerCase();
  const madeUp = said.includes("everything") || (inputs || "").split(" ").some((input) => input && said.includes(input));
  return madeUp ? "illustrative" : kind;
};
nz.line = (name, value, unit, kind, field, note) =>
  nz.h("div", { class: "nz-line-row", "data-field": field },
    nz.h("dt", {}, kind ? nz.h("i", { class: `nz-kind ${kind}`, title: nz.t(`kind.${kind}`), role: "img", "aria-label": nz.t(`kind.${kind}`) }) : null, nz.h("span", { title: note || null }, name)),
    nz.h("dd", {}, nz.h("b", {}, value), unit ? nz.h("span", {}, unit) : null));
nz.section = (name, ...children) => nz.h("section", {}, nz.h("h3", {}, name), children);
nz.kinds = () => nz.h("p", { class: "nz-kinds" }, ["measured", "statutory", "assumed", "illustrative"].map((kind) => nz.h("span", {}, nz.h("i", { class: `nz-kind ${kind}` }), nz.t(`kind.${kind}`))));

let drawn = "";
nz.renderCard = () => {
  const { card, parcel, unit, pick } = nz.state;
  const wasOpen = !node.hidden;
  node.hidden = !card;
  document.body.classList.toggle("nz-carded", Boolean(card));
  if (!card) {
    drawn = "";
    return;
  }
  const focused = wasOpen && body.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  const now = `${card}|${parcel}|${unit}|${pick}`;
  const scroll = now === drawn ? body.scrollTop : 0;
  drawn = now;
  kicker.textContent = nz.cards[card].kicker();
  title.textContent = nz.cards[card].title();
  node.setAttribute("aria-label", `${kicker.textContent} ${title.textContent}`);
  node.dataset.card = card;
  nz.copyIcon(false);
  copy.title = nz.t("copy.link");
  copy.setAttribute("aria-label", nz.t("copy.link"));
  close.setAttribute("aria-label", nz.t("close"));
  close.title = nz.t("close");
  nz.empty(body, nz.cards[card].body());
  body.scrollTop = scroll;
  const again = focused && body.querySelector(`[data-focus="${focused}"]`);
  if (again) again.focus();
};
nz.on((changed) => {
  if (["card", "parcel", "unit", "pick", "year", "scenario", "lang"].some((key) => changed.has(key))) nz.renderCard();
});
