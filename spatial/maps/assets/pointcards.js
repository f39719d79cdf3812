// What a sea cell, a turbine or a pipe says when clicked.
const D = nz.data;

nz.cards.cell = {
  kicker: () => nz.t("cell"),
  title: () => nz.t(D.sea.eligible[nz.state.pick] ? "eligible" : "not.eligible"),
  body: () => {
    const place = nz.state.pick;
    const reasons = D.sea.reasons[D.sea.reason[place]];
    const optional = (key, value, unit, kind) => (value === null ? null : nz.line(nz.t(key), ...nz.amount(value, unit), kind, key));
    return [
      nz.section(nz.t("section.reasons"),
        reasons.length
          ? nz.h("ul", { class: "nz-reasons", "data-testid": "reasons" }, reasons.map((key) => nz.h("li", { "data-reason": key }, nz.h("i", { style: { background: (nz.view("siting").colour || {})[key] || D.colours.none } }), nz.term(key))))
          : nz.h("p", {}, nz.t("no.reason"))),
      nz.section(nz.t("section.site"), nz.h("dl", {},
        nz.line(nz.t("site"), nz.t(D.sea.sea[place] ? "site.sea" : "site.land"), "", null, "site"),
        optional("depth", D.sea.depth_m[place], "m", nz.kindOf("measured", "depth bathymetry")),
        optional("shore", D.sea.shore_m[place], "m", nz.kindOf("measured", "shore")),
        optional("hub.wind", D.sea.hub_wind[place], "m/s", nz.kindOf("assumed", "wind")),
        optional("net.cf", D.sea.net_cf[place] === null ? null : D.sea.net_cf[place] * 100, "%", "assumed"),
        optional("lcoe", D.sea.lcoe[place], "CNY/kWh", "assumed"))),
      nz.kinds(),
    ];
  },
};

nz.cards.turbine = {
  kicker: () => nz.t("turbine"),
  title: () => D.turbines.id[nz.state.pick],
  body: () => {
    const place = nz.state.pick;
    const T = D.turbines;
    return [nz.section(T.model[place], nz.h("dl", {},
      nz.line(nz.t("site"), nz.t(`site.${T.site[place]}`), T.in_zone[place] ? nz.t("in.zone") : nz.t("in.study"), null, "site"),
      nz.line(nz.t("capacity"), ...nz.amount(T.capacity_kw[place], "kW"), "assumed", "capacity_kw"),
      nz.line(nz.t("rotor"), nz.number(T.rotor_m[place]), "m", "assumed", "rotor_m"),
      nz.line(nz.t("hub"), nz.number(T.hub_m[place]), "m", "assumed", "hub_m"),
      nz.line(nz.t("net.energy"), ...nz.amount(T.net_mwh[place], "MWh"), "assumed", "net_mwh"),
      nz.line(nz.t("capex"), ...nz.amount(T.capex_cny[place], "CNY"), "assumed", "capex_cny"),
      nz.line(nz.t("lcoe"), nz.number(T.lcoe_cny_kwh[place]), nz.unitText("CNY/kWh"), "assumed", "lcoe_cny_kwh"))), nz.kinds()];
  },
};

nz.cards.pipe = {
  kicker: () => nz.t(`pipe.${D.pipes.network[nz.state.pick]}`),
  title: () => {
    const side = D.pipes.parallel[nz.state.pick];
    return `${side > 1 ? `${side} × ` : ""}DN${D.pipes.dn_mm[nz.state.pick]}`;
  },
  body: () => {
    const place = nz.state.pick;
    const T = D.pipes;
    return [nz.section(T.id[place], nz.h("dl", {},
      nz.line(nz.t("laid"), String(T.phase_year[place]), "", "assumed", "phase_year"),
      nz.line(nz.t("length"), ...nz.amount(T.length_m[place], "m"), "assumed", "length_m"),
      nz.line(nz.t("peak"), ...nz.amount(T.peak_kw[place], "kW"), "assumed", "peak_kw"),
      nz.line(nz.t("flow"), nz.number(T.flow_kg_s[place]), "kg/s", "assumed", "flow_kg_s"),
      nz.line(nz.t("velocity"), nz.number(T.velocity_m_s[place]), "m/s", "assumed", "velocity_m_s"),
      nz.line(nz.t("friction"), nz.number(T.pressure_drop_pa_m[place]), "Pa/m", "assumed", "pressure_drop_pa_m"),
      nz.line(nz.t("head"), nz.number(T.head_pa[place] / 1000), "kPa", "assumed", "head_pa"),
      nz.line(nz.t("fed.by"), T.station[place], "", "assumed", "station_id"),
      nz.line(nz.t("loss"), ...nz.amount(T.loss_mwh[place], "MWh"), "assumed", "loss_mwh"),
      nz.line(nz.t("capex"), ...nz.amount(T.cost_cny[place], "CNY"), "assumed", "cost_cny"))), nz.kinds()];
  },
};

nz.cards.station = {
  kicker: () => nz.t(`plant.${D.stations.network[nz.state.pick]}`),
  title: () => D.stations.id[nz.state.pick],
  body: () => {
    const place = nz.state.pick;
    const T = D.stations;
    const pipes = D.pipes.station.map((id, at) => (id === T.id[place] ? at : -1)).filter((at) => at >= 0);
    const sum = (name) => pipes.reduce((total, at) => total + D.pipes[name][at], 0);
    return [nz.section(T.parcel[place], nz.h("dl", {},
      nz.line(nz.t("plant.capacity"), ...nz.amount(T.capacity_kw[place], "kW"), "assumed", "capacity_kw"),
      nz.line(nz.t("length"), ...nz.amount(sum("length_m"), "m"), "assumed", "length_m"),
      nz.line(nz.t("loss"), ...nz.amount(sum("loss_mwh"), "MWh"), "assumed", "loss_mwh"),
      nz.line(nz.t("head"), nz.number(T.head_pa[place] / 1000), "kPa", "assumed", "head_pa"),
      nz.line(nz.t("capex"), ...nz.amount(T.capex_cny[place], "CNY"), "assumed", "capex_cny"),
      nz.line(nz.t("pipes.capex"), ...nz.amount(sum("cost_cny"), "CNY"), "assumed", "cost_cny"))), nz.kinds()];
  },
};

// What lies under a click: turbine, plant, pipe, street, cluster, roof, cell or parcel.
const nearest = (count, distance, limit) => {
  let best = -1;
  let least = limit;
  for (let place = 0; place < count; place += 1) {
    const found = distance(place);
    if (found < least) {
      least = found;
      best = place;
    }
  }
  return best;
};
const shownOverlay = (id) => nz.overlays.some((row) => row.id === id && nz.isShown(row));

nz.clickAt = (event) => {
  const point = event.containerPoint;
  if (shownOverlay("turbines") && nz.turbinePoints) {
    const hit = nearest(nz.turbinePoints.length, (place) => nz.map.latLngToContainerPoint(nz.turbinePoints[place]).distanceTo(point), 11);
    if (hit >= 0) return nz.openPick("turbine", hit);
  }
  if (shownOverlay("pipes") && nz.pipeLines) {
    const away = (place) => (nz.stationShown(place) ? nz.map.latLngToContainerPoint(nz.stationMarks[place].spot).distanceTo(point) : Infinity);
    const plant = nearest(nz.stationMarks.length, away, 10);
    if (plant >= 0) return nz.openPick("station", plant);
    const beside = (row) => {
      if (!nz.pipeShown(row.place)) return Infinity;
      const spots = row.latlngs.map((spot) => nz.map.latLngToContainerPoint(spot));
      let least = Infinity;
      for (let i = 1; i < spots.length; i += 1) least = Math.min(least, L.LineUtil.pointToSegmentDistance(point, spots[i - 1], spots[i]));
      return least;
    };
    const hit = nearest(nz.pipeLines.length, (place) => beside(nz.pipeLines[place]), 7);
    if (hit >= 0) return nz.openPick("pipe", nz.pipeLines[hit].place);
  }
  const over = nz.overAt(event);
  if (over) return nz.openPick(...over);
  const parcel = nz.clicked && nz.clicked.stamp === event.originalEvent ? nz.clicked.place : -1;
  const theme = nz.theme();
  const cell = nz.seaLayer && (theme.level === "cell" || parcel < 0) ? nz.seaLayer.find(event.latlng) : -1;
  if (cell >= 0) return nz.openPick("cell", cell);
  if (parcel < 0) return nz.state.card && nz.closeCard();
  if (theme.level === "unit" && D.units) return nz.openUnit(D.parcels.units[D.parcels.unit[parcel]]);
  return nz.openParcel(parcel);
};
