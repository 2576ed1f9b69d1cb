"""`python -m tutor serve`: checks the port, builds the tutor, shows the page, ends on Ctrl-C."""

import errno
import os
import socket
import threading
import time
import warnings

from tutor.app import Tutor, build_tutor
from tutor.errors import ServeError
from tutor.settings import Settings
from tutor.terminal import index_bar

_WAIT = 3600.0


def serve_page(settings: Settings) -> None:
    """Serve the page until Ctrl-C.

    Raises:
        ServeError: The port is taken or the address is not this machine's.
        TutorError: The tutor cannot be built.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    check_port(settings.host, settings.port)
    with index_bar() as progress:
        tutor = build_tutor(settings, progress=progress)
    try:
        _serve(tutor)
    finally:
        tutor.close()


def check_port(host: str, port: int) -> None:
    """Make sure that the page can listen there.

    Raises:
        ServeError: It cannot.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server itself does: a port that only lingers after the last run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _refused(host, port, error) from error


def _refused(host: str, port: int, error: OSError) -> ServeError:
    if error.errno in (errno.EADDRINUSE, None):  # none: taken by somebody while we were starting
        return ServeError(
            f"Port {port} is in use; stop the other program or choose another port with "
            "--port or TUTOR_PORT.",
            f"端口 {port} 已被占用；请关闭占用它的程序，或用 --port 或 TUTOR_PORT 换一个端口。",
        )
    if error.errno == errno.EACCES:
        return ServeError(
            f"Port {port} needs administrator rights; choose one above 1023 with --port.",
            f"端口 {port} 需要管理员权限；请用 --port 选择 1023 以上的端口。",
        )
    return ServeError(
        f"{host} is no address of this machine; use 127.0.0.1 in --host or TUTOR_HOST.",
        f"{host} 不是本机的地址；请在 --host 或 TUTOR_HOST 中使用 127.0.0.1。",
    )


def warm(tutor: Tutor) -> None:
    """Load what the first question needs, so that the first learner does not wait for it."""
    tutor.encoder.encode(["热身 warm-up"], side="query")
    tutor.read_ahead()


def _serve(tutor: Tutor) -> None:
    # Gradio's queue asks pandas for an option that newer pandas calls deprecated, at every event.
    warnings.filterwarnings("ignore", message=".*no_silent_downcasting")
    # Imported here: gradio takes seconds, and an error above should not wait for it.
    from ui.app import build_page, launch

    page = build_page(tutor)
    try:
        launch(page, tutor)
        print(f"面试教练已启动 / Interview Tutor: {address(tutor.settings)}", flush=True)
        print("按 Ctrl-C 结束 / press Ctrl-C to stop", flush=True)
        threading.Thread(target=_warm_quietly, args=(tutor,), daemon=True).start()
        while True:
            time.sleep(_WAIT)
    except OSError as error:
        raise _refused(tutor.settings.host, tutor.settings.port, error) from error
    except KeyboardInterrupt:
        print("\n再见 / bye", flush=True)
    finally:
        page.close(verbose=False)


def _warm_quietly(tutor: Tutor) -> None:
    try:
        warm(tutor)
    except Exception as error:  # the first question will say it to the learner in full
        print(f"warm-up: {error}", flush=True)


def address(settings: Settings) -> str:
    """Where the browser finds the page."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
