"""One page of the made-up run, opened once in the system's Chromium."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from spatial.maps import MapOptions, write_map

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
START = "#theme=landuse&year=2030&scenario=near_zero&lang=zh"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def load_helper(name: str) -> ModuleType:
    """Load a module that lies in the folder of the tests."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    return load_helper("maps_tables")


@pytest.fixture(scope="session")
def map_file(made_up: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(made_up.sample_tables(), made_up.Meta(), MapOptions(simplify_m=0), path)
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium with name resolution dead; skips without one, but not in CI."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        message = "no Chromium on this machine (install the system package `chromium`)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as player:
        opened = player.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
        )
        yield opened
        opened.close()


class Session:
    """A page with everything it complained of and everything it asked the network for."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page, self.address = page, file.as_uri()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, anchor: str = START) -> Page:
        self.page.goto("about:blank")
        self.page.goto(self.address + anchor)
        self.until("Boolean(window.nearzero && window.nearzero.ready)")
        return self.page

    def until(self, expression: str, seconds: float = 20.0) -> None:
        """Wait for an expression; the page's own policy forbids the browser to poll it."""
        for _ in range(int(seconds * 20)):
            if self.page.evaluate(expression):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(expression)


@pytest.fixture(scope="module")
def session(browser: Browser, map_file: Path) -> Iterator[Session]:
    page = browser.new_page(viewport=WIDE)
    yield Session(page, map_file)
    page.close()


@pytest.fixture
def page(session: Session) -> Page:
    """The page in its first state; it is opened anew only where a test before it left the file."""
    if not session.page.url.startswith(session.address):
        session.open()
    session.page.mouse.move(720, 850)
    session.page.evaluate(f"nearzero.open('{START}')")
    return session.page


@pytest.fixture
def phone(browser: Browser, map_file: Path) -> Iterator[Session]:
    page = browser.new_page(viewport=NARROW, has_touch=True)
    yield Session(page, map_file)
    page.close()
