// The address holds what is shown, so that a copied link opens the same card.
const P = nz.data.parcels;

nz.address = () => {
  const { theme, year, scenario, compared, lang, card, parcel, unit } = nz.state;
  const parts = [];
  if (card === "parcel" && parcel !== null) parts.push(["parcel", P.id[parcel]]);
  if (card === "unit" && unit !== null) parts.push(["unit", unit]);
  if (card === "zone") parts.push(["card", "zone"]);
  if (card === "roof") parts.push(["roof", nz.data.roofs.id[nz.state.pick]]);
  parts.push(["theme", theme], ["year", year], ["scenario", scenario]);
  if (scenario === "difference" && compared !== nz.plan) parts.push(["of", compared]);
  parts.push(["lang", lang]);
  return `#${parts.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`;
};

let written = "";
nz.writeAddress = nz.debounce(120, () => {
  written = nz.address();
  try {
    history.replaceState(null, "", written);
  } catch (refused) {
    // A page inside a notebook has no address of its own; the copy button still works.
    if (!(refused instanceof DOMException)) throw refused;
  }
});

nz.readAddress = (hash = location.hash) => {
  const wanted = Object.fromEntries(hash.slice(1).split("&").filter(Boolean).map((part) => {
    const [key, ...rest] = part.split("=");
    try {
      return [key, decodeURIComponent(rest.join("="))];
    } catch (malformed) {
      if (!(malformed instanceof URIError)) throw malformed;
      return [key, ""];
    }
  }));
  const patch = {};
  if (nz.data.themes.some((row) => row.id === wanted.theme && nz.available(row))) patch.theme = wanted.theme;
  if (nz.years.includes(Number(wanted.year))) patch.year = Number(wanted.year);
  if (nz.scenarios.includes(wanted.scenario)) patch.scenario = wanted.scenario;
  patch.compared = nz.runs.includes(wanted.of) && wanted.of !== nz.base ? wanted.of : nz.plan;
  if (["zh", "en"].includes(wanted.lang)) patch.lang = wanted.lang;
  nz.set(patch);
  const place = P.id.indexOf(wanted.parcel);
  const roof = nz.data.roofs ? nz.data.roofs.id.indexOf(wanted.roof) : -1;
  if (place >= 0) nz.showParcel(place);
  else if (roof >= 0) nz.showRoof(roof);
  else if (nz.data.units && nz.data.units.id.includes(wanted.unit)) nz.openUnit(wanted.unit);
  else if (wanted.card === "zone") nz.openZone();
  else if (nz.state.card) nz.closeCard();
};

nz.copyLink = async () => {
  const text = location.href.split("#")[0] + nz.address();
  const fallback = () => {
    const box = nz.h("textarea", { "aria-hidden": "true", class: "nz-away" });
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  };
  if (navigator.clipboard) await navigator.clipboard.writeText(text).catch(fallback);
  else fallback();
  nz.copyIcon(true);
  nz.say(nz.t("copied"));
  setTimeout(() => nz.copyIcon(false), 1500);
};

nz.startLink = () => {
  nz.readAddress();
  nz.on(nz.writeAddress);
  window.addEventListener("hashchange", () => { if (location.hash !== written) nz.readAddress(); });
};
