"""Reliability curves as one plain SVG: a panel a curve, claimed probability across, the part that was right upwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from bench.quality.metrics import Bin, calibration_error

_SIDE = 200
_LEFT, _TOP, _GAP = 48, 44, 60
_COLUMNS = 2


def reliability_svg(curves: Mapping[str, Sequence[Bin]]) -> str:
    """A standalone document. On the diagonal a claim holds as often as it says; the size of a point is its number of claims."""
    shown = {name: bins for name, bins in curves.items() if bins}
    columns = max(1, min(_COLUMNS, len(shown)))
    rows = -(-len(shown) // columns)
    width = _LEFT + columns * (_SIDE + _GAP)
    height = max(1, rows) * (_SIDE + _TOP + _GAP)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, (name, bins) in enumerate(shown.items()):
        x = _LEFT + number % columns * (_SIDE + _GAP)
        y = _TOP + number // columns * (_SIDE + _TOP + _GAP)
        parts += _panel(name, bins, x, y)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(name: str, bins: Sequence[Bin], left: int, top: int) -> list[str]:
    def across(share: float) -> str:
        return f"{left + share * _SIDE:.1f}"

    def upwards(share: float) -> str:
        return f"{top + (1 - share) * _SIDE:.1f}"

    most = max(b.count for b in bins)
    total = sum(b.count for b in bins)
    error = calibration_error(bins)
    line = " ".join(f"{across(b.claimed)},{upwards(b.right)}" for b in bins)
    parts = [
        f'<text x="{left}" y="{top - 22}" font-weight="bold">{escape(name)}</text>',
        f'<text x="{left}" y="{top - 8}" fill="#666">{total:,} claims, calibration error {error:.3f}</text>',
        f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>',
        f'<line x1="{across(0)}" y1="{upwards(0)}" x2="{across(1)}" y2="{upwards(1)}" stroke="#bbb" stroke-dasharray="4 3"/>',
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>',
    ]
    parts += [
        f'<circle cx="{across(b.claimed)}" cy="{upwards(b.right)}" r="{2 + 3 * (b.count / most) ** 0.5:.1f}" fill="#1f5fa8">'
        f"<title>claimed {b.claimed:.3f}, right {b.right:.3f}, {b.count:,} claims</title></circle>"
        for b in bins
    ]
    for mark in (0.0, 0.5, 1.0):
        parts.append(f'<text x="{across(mark)}" y="{top + _SIDE + 14}" text-anchor="middle">{mark:g}</text>')
        parts.append(f'<text x="{left - 6}" y="{float(upwards(mark)) + 4:.1f}" text-anchor="end">{mark:g}</text>')
    middle = top + _SIDE / 2
    parts.append(f'<text x="{left + _SIDE / 2:.0f}" y="{top + _SIDE + 30}" text-anchor="middle">claimed</text>')
    turned = f'transform="rotate(-90 {left - 30} {middle:.0f})"'
    parts.append(f'<text x="{left - 30}" y="{middle:.0f}" text-anchor="middle" {turned}>right</text>')
    return parts
