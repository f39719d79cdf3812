"""Conversions of units, each defined once.

The calorific value of coal equivalent is that of GB/T 2589-2020 clause 3.9 (29 307.6 kJ per kg).
"""

HOURS_PER_YEAR = 8760
KWH_PER_MWH = 1000.0
KW_PER_MW = 1000.0
W_PER_KW = 1000.0
MJ_PER_KWH = 3.6
MJ_PER_KGCE = 29.3076
M_PER_KM = 1000.0
M2_PER_HA = 10_000.0
M2_PER_KM2 = 1_000_000.0
ZERO_CELSIUS_K = 273.15


def mwh_to_tce(mwh: float) -> float:
    """Convert energy [MWh] to tonnes of coal equivalent [tce] by calorific value (GB/T 2589-2020).

    Examples
    --------
    >>> round(mwh_to_tce(1.0), 4)
    0.1228
    """
    return mwh * KWH_PER_MWH * MJ_PER_KWH / MJ_PER_KGCE / 1000.0


def tce_to_mwh(tce: float) -> float:
    """Convert tonnes of coal equivalent [tce] to energy [MWh] by calorific value (GB/T 2589-2020).

    Examples
    --------
    >>> round(tce_to_mwh(mwh_to_tce(5.0)), 9)
    5.0
    """
    return tce * 1000.0 * MJ_PER_KGCE / MJ_PER_KWH / KWH_PER_MWH
