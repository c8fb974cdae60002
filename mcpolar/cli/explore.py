"""`mcpolar explore`: the explorer, served to the browser of this machine or written to a file."""

from __future__ import annotations

import threading
import webbrowser
from pathlib import Path
from typing import Annotated

from mcpolar.checks import whole_number
from mcpolar.cli.destinations import Destination
from mcpolar.cli.options import Flag, Whole
from mcpolar.errors import ResourceError

PAGES = (".html",)


def explore(
    *,
    port: Whole = 0,
    no_browser: Flag = False,
    export: Annotated[Path | None, Destination(PAGES)] = None,
) -> None:
    """Open the explorer: a live population, what becomes of 400 others, and certified bounds.

    It is served on 127.0.0.1 until Ctrl-C; nothing leaves this machine. An exported page works without a server, from
    a folder or inside another page: its bounds are then previews in double precision, and say so.

    Parameters
    ----------
    port
        Port to listen on; 0: any that is free.
    no_browser
        Print the address and open no browser.
    export
        Write the page to this file (.html) instead, and end.
    """
    whole_number("port", port, 0, 65535)
    if export is not None:
        from mcpolar.explore import page
        from mcpolar.report.tables import put

        put(page(), export)
        return
    serve(port, opens_browser=not no_browser)


def serve(port: int, *, opens_browser: bool) -> None:
    """Serve until Ctrl-C, which is how a server ends: status 0."""
    from mcpolar.explore.server import ExplorerServer

    try:
        server = ExplorerServer(port)
    except OSError as error:
        raise ResourceError(f"cannot listen on port {port}: {error.strerror or error}") from error
    print(f"{server.address}\nCtrl-C ends it.", flush=True)
    if opens_browser:
        threading.Thread(target=webbrowser.open, args=(server.address,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
