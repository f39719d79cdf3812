"""The page itself: built by folium, then freed of everything it would fetch."""

import base64
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import folium
import pandas as pd
from branca.element import MacroElement
from jinja2 import Template

from spatial.maps.encode import Json
from spatial.maps.options import MapOptions, RunInfo
from spatial.maps.payload import ONLINE, payload

SCRIPTS = (
    "core.js",
    "format.js",
    "classify.js",
    "values.js",
    "svg.js",
    "figure.js",
    "lines.js",
    "charts.js",
    "waterfall.js",
    "sankey.js",
    "macc.js",
    "power.js",
    "sheet.js",
    "cells.js",
    "sunlight.js",
    "layers.js",
    "overlays.js",
    "legend.js",
    "chooser.js",
    "timebar.js",
    "card.js",
    "parcelcard.js",
    "roofcard.js",
    "supplycurve.js",
    "unitcard.js",
    "standing.js",
    "zonecard.js",
    "pointcards.js",
    "districts.js",
    "roofs.js",
    "search.js",
    "measure.js",
    "print.js",
    "link.js",
    "app.js",
)
"""Order matters: each file hangs its functions on ``nz``, which the later ones use."""

STYLES = ("page.css", "panels.css", "cards.css", "figures.css", "narrow.css", "print.css")
NAMESPACES = ("http://www.w3.org/", "https://leafletjs.com")
"""Addresses that are names or credits and are never fetched."""

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:{online}; "
    "font-src data:; base-uri 'none'; form-action 'none'"
)
"""What the browser may load for this page: nothing, unless the study offers online base maps."""

_URL = re.compile(r"https?://[^\s\"'<>)\\]+")
_RELATIVE = re.compile(r"""\b(?:src|href)\s*=\s*["']?(?://|(?!data:|#)[\w./-]+\.(?:js|css|png|svg|woff2?)\b)""")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_STYLE_LOADS = re.compile(r"@import[^;]*|url\((?!data:)[^)]*\)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class _App(MacroElement):
    """Leaflet, our style, our script and the data, all inside the page."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}
            <meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">
            <title>{{ this.title | e }}</title>
            <style>{{ this.style }}</style>
            <script>{{ this.leaflet }}</script>
        {% endmacro %}
        {% macro html(this, kwargs) %}
            <script type="application/json" id="nz-data">{{ this.data }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            {{ this.script }}
        {% endmacro %}
        """
    )

    def __init__(self, data: Mapping[str, Json], title: str, *, online: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "NearzeroApp"
        self._id = "app"
        self.title = title
        self.policy = POLICY.format(online=" https:" if online else "")
        self.data = embedded(data)
        self.leaflet = _asset("js_lib_leaflet", "static/js_lib_leaflet/leaflet.js").rpartition("//# sourceMappingURL")[
            0
        ]
        self.style = _leaflet_style() + "\n".join(_asset("spatial.maps", f"assets/{name}") for name in STYLES)
        parts = (f"{{\n{_asset('spatial.maps', f'assets/{name}')}}}\n" for name in SCRIPTS)
        self.script = f"(function () {{\n'use strict';\nconst nz = {{}};\n{''.join(parts)}}})();"


def write_map(tables: Mapping[str, pd.DataFrame], meta: RunInfo, options: MapOptions, path: Path) -> None:
    """Write the interactive map of a run as one file that needs no network.

    Parameters
    ----------
    tables
        Tables of the run by the names of their contracts, grids as ``sea_grid`` and ``density_grid``, all in one
        projected CRS. Only ``parcels`` must be there.
    meta
        What the run is called, its years, scenarios and sources.
    options
        Choices of the map.
    path
        File to write.

    Raises
    ------
    ValueError
        If the page would fetch anything from a network.
    """
    data = payload(tables, meta, options)
    page = folium.Map(
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        attributionControl=False,
        zoomSnap=0.25,
        zoomDelta=0.5,
        maxZoom=19,
        minZoom=8,
        boxZoom=False,
    )
    page.default_js = []
    page.default_css = []
    # folium names its elements at random; two runs must write the same bytes.
    page._id = page.get_root()._id = "nearzero"  # noqa: SLF001
    page.add_child(_App(data, meta.title_zh, online=options.online_basemaps))
    html = page.get_root().render()
    html = html.replace("initial-scale=1.0, maximum-scale=1.0, user-scalable=no", "initial-scale=1.0")
    refuse_addresses(html, online=options.online_basemaps)
    path.write_text(html, encoding="utf-8", newline="\n")


def embedded(data: Mapping[str, Json]) -> str:
    r"""Return data as JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> print(embedded({"name": "</script>"}))
    {"name":"\u003c/script>"}
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def refuse_addresses(html: str, *, online: bool = False) -> None:
    """Refuse a page that would fetch something.

    Parameters
    ----------
    html
        The whole page.
    online
        Whether the addresses of the online base maps may stand in it.

    Raises
    ------
    ValueError
        Naming the first addresses found.
    """
    start, end = html.find('id="nz-data">'), html.find("</script>", html.find('id="nz-data">'))
    code, data = (html[:start] + html[end:], html[start:end]) if start >= 0 else (html, "")
    known = (*NAMESPACES, *(address for _, address, _ in ONLINE)) if online else NAMESPACES
    found = [address for address in _URL.findall(code) if not address.startswith(known)]
    found += _RELATIVE.findall(code)
    found += [load for style in _STYLE.findall(code) for load in _STYLE_LOADS.findall(style)]
    if not online:
        found += [host for _, address, _ in ONLINE if (host := address.split("{")[0]) in data]
    if found:
        raise ValueError(f"the map would fetch {', '.join(found[:5])}; everything must stand in the page itself")


def _asset(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _leaflet_style() -> str:
    """Return Leaflet's style sheet with its pictures inside and without the rule for Internet Explorer 8."""
    style = _COMMENT.sub("", _asset("js_lib_leaflet", "static/js_lib_leaflet/leaflet.css"))
    style = style.replace("behavior: url(#default#VML);", "")

    def inside(match: re.Match[str]) -> str:
        picture = files("js_lib_leaflet").joinpath(f"static/js_lib_leaflet/{match.group(1)}").read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(picture).decode('ascii')})"

    return re.sub(r"url\((images/[\w.-]+)\)", inside, style)
