"""Text as it comes out of files: which encoding it is in, and what does not belong into a name."""

import codecs
import re
from collections.abc import Iterable

import pandas as pd

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_ALIASES = {"936": "gb18030", "cp936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "65001": "utf-8"}


def codec_of(name: str) -> str | None:
    """Return the Python codec an encoding's name means, None where the name means nothing.

    Examples
    --------
    >>> codec_of("CP936"), codec_of("UTF-8"), codec_of("Klingon")
    ('gb18030', 'utf-8', None)
    """
    plain = name.strip().lower().removeprefix("ansi ").removeprefix("windows-")
    codec = _ALIASES.get(plain, plain)
    try:
        return codecs.lookup(codec).name
    except LookupError:
        return None


def decode(raw: bytes, codec: str) -> str:
    """Decode bytes of a fixed-width field, whose last character may be cut in the middle.

    Examples
    --------
    >>> decode("地块编号".encode()[:10], "utf-8")
    '地块编'
    """
    for cut in range(4):
        try:
            return raw[: len(raw) - cut].decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode(codec, errors="replace")


def detect(samples: Iterable[bytes], declared: str | None = None) -> str:
    """Return the codec that reads the samples best: the declared one if it reads them all, else UTF-8, else GBK.

    Chinese text in GBK practically never happens to be valid UTF-8, so UTF-8 is tried first; text of the latter kind
    reads as nonsense in GBK without any error, which is why a declared GBK is doubted when UTF-8 fits.
    """
    odd = [raw for raw in samples if not raw.isascii()]

    def broken(codec: str) -> int:
        return sum("\ufffd" in decode(raw, codec) for raw in odd)

    order = ["utf-8", *([declared] if declared else []), "gb18030", "latin-1"]
    if declared not in (None, "utf-8", "gb18030"):
        order.insert(0, str(declared))
    return next((codec for codec in order if broken(codec) == 0), min(order[:-1], key=broken))


def decode_frame(frame: pd.DataFrame, declared: str | None) -> tuple[str, pd.DataFrame]:
    """Return the codec found, and a frame that was read as Latin-1 with its texts and column names decoded by it."""
    names = [str(name).encode("latin-1", errors="replace") for name in frame.columns]
    columns = [name for name in frame.columns if name != "geometry" and pd.api.types.is_string_dtype(frame[name])]
    texts = {name: [v.encode("latin-1") if isinstance(v, str) else None for v in frame[name]] for name in columns}
    samples = [raw for values in texts.values() for raw in values[:2000] if raw is not None]
    codec = detect([*names, *samples], declared)
    if codec == "latin-1" or all(raw.isascii() for raw in [*names, *samples]):
        return codec, frame
    decoded = {
        name: pd.array([None if raw is None else decode(raw, codec) for raw in values], dtype="str")
        for name, values in texts.items()
    }
    titles = dict(zip(frame.columns, [decode(raw, codec) for raw in names], strict=True))
    return codec, frame.assign(**decoded).rename(columns=titles)


def unscramble(text: str) -> str:
    """Return Chinese text that was once decoded as Latin-1 by mistake; other text unchanged.

    Examples
    --------
    >>> unscramble("梅山".encode().decode("latin-1")), unscramble("Café")
    ('梅山', 'Café')
    """
    if text.isascii():
        return text
    for codec in ("utf-8", "gbk"):
        try:
            better = text.encode("latin-1").decode(codec)
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        odd = [letter for letter in better if ord(letter) > 127]
        if odd and all("\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef" for letter in odd):
            return better
    return text


def tidy(text: str) -> str:
    r"""Return a name without control and invisible characters, on one line.

    Examples
    --------
    >>> tidy(" port\x00 \n east ")
    'port east'
    """
    return " ".join(_CONTROLS.sub(" ", text).split())


def repair(values: pd.Series) -> pd.Series:
    """Return a text column unscrambled; empty stays empty."""
    return values.map(unscramble, na_action="ignore")
