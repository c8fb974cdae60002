"""`mcpolar explore` as a command: its port, and how it ends."""

import signal
import socket
import subprocess
import sys
import urllib.request


def test_rejects_a_port_that_is_taken_or_none(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("explore", "--no-browser", "--port", taken.getsockname()[1])
        assert result.status == 3
        assert "cannot listen on port" in result.err
    result = run("explore", "--port", 99999)
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert "--port must be a whole number from 0 to 65535; got 99999" in result.err


def test_law_ctrl_c_ends_it_well():
    # who starts the tests in the background may have had interrupts ignored
    heard = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    words = [sys.executable, "-c", f"{heard}; from mcpolar.cli import main; sys.exit(main())"]
    words += ["explore", "--no-browser"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().strip()
            assert urllib.request.urlopen(address, timeout=30).read(9) == b"<!doctype"
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")
