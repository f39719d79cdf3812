"""Twelve monthly normals from the stated facts."""

import csv
from io import StringIO

import numpy as np

from layers.meishan.make.frame import FACTS

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HEADER = """\
# Meishan: monthly normals 月平均气候. Coordinates 29.79 N 121.997 E.
# temp_mean_c: Ningbo series shaped to RMI 2019 (16.4 C a year, 4.7 in January, 28.0 in July)
#   气温按落基山研究所2019年报告（年均16.4、一月4.7、七月28.0摄氏度）
# temp_max_c, temp_min_c: the mean plus the recent daily range of Ningbo (climatestotravel.com)
#   平均日最高、日最低：年代气温加宁波近年日较差
# ghi_kwh_m2: shape of the Zhejiang coast, scaled to 1,359 kWh/m2 a (Global Solar Atlas)
#   水平面总辐射，年值按全球太阳能地图集
# relative_humidity_pct: Ningbo, planning assumption 相对湿度，规划假设
# wind_speed_m_s: at 10 m, coastal station of Beilun or Zhoushan, planning assumption 10米高平均风速，规划假设
"""


def _tenths_to_sum(values: list[float], total: float) -> list[float]:
    """Round to a hundredth so that the sum stays exact."""
    scaled = np.array(values) * (total / sum(values)) * 100.0
    whole = np.floor(scaled)
    short = round(total * 100.0 - float(whole.sum()))
    order = np.argsort(-(scaled - whole), kind="stable")
    whole[order[:short]] += 1
    return [float(value) / 100.0 for value in whole]


def normals() -> str:
    """Return the file of monthly normals."""
    known = {key: FACTS.value(key) for key in FACTS if key.startswith("climate.")}
    ghi = _tenths_to_sum([known[f"climate.ghi.{month}"] for month in MONTHS], known["climate.ghi_year"])
    out = StringIO()
    out.write(HEADER)
    table = csv.writer(out, lineterminator="\n")
    table.writerow(
        ["month", "ghi_kwh_m2", "temp_mean_c", "temp_max_c", "temp_min_c", "relative_humidity_pct", "wind_speed_m_s"]
    )
    for number, month in enumerate(MONTHS, start=1):
        mean, recent = known[f"climate.tmean_rmi.{month}"], known[f"climate.tmean_recent.{month}"]
        table.writerow(
            [
                number,
                f"{ghi[number - 1]:.2f}",
                f"{mean:.1f}",
                f"{mean + known[f'climate.tmax.{month}'] - recent:.1f}",
                f"{mean + known[f'climate.tmin.{month}'] - recent:.1f}",
                f"{known[f'climate.rh.{month}']:.0f}",
                f"{known[f'climate.wind10_coast.{month}']:.1f}",
            ]
        )
    return out.getvalue()
