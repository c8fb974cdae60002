"""A checkup as text for people; computes nothing."""

from __future__ import annotations

from mcpolar.answers.checkup import Checkup
from mcpolar.report.terminal import paragraph, styled


def checkup_text(found: Checkup, *, colour: bool = False) -> str:
    """Return what is installed and whether it works."""
    lines = ["versions   " + ", ".join(f"{name} {one}" for name, one in list(found.versions.items())[:3])]
    lines += [" " * 11 + ", ".join(f"{name} {one}" for name, one in list(found.versions.items())[3:])]
    lines += [f"threads    {found.threads}"]
    lines += paragraph(f"loops      {found.cache}", hang=11)
    if not found.extras:
        lines.append("extras     unknown: this is a source tree, not an installed distribution")
    for name, missing in found.extras.items():
        what = f"needs {', '.join(missing)}: pip install 'mcpolar[{name}]'" if missing else "installed"
        lines += paragraph(f"extra      {name}: {what}", hang=11)
    for check in found.checks:
        mark = (
            styled("passed", "green", colour=colour)
            if check.is_sound
            else styled("FAILED", "red", colour=colour)
        )
        lines += [
            f"self-test  {check.name}: {check.text.replace('passed', mark, 1) if check.is_sound else mark}"
        ]
        if not check.is_sound:
            lines += paragraph(check.text, indent=11)
    return "\n".join(lines) + "\n"
