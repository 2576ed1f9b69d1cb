"""One running llama.cpp server: requests in, replies out as they come, each of them stoppable."""

import atexit
import contextlib
import http.client
import json
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from tutor.errors import ModelError
from tutor.llm.wire import Wire, raise_for_error, to_wire

_BEAT_S = 0.5


class Engine:
    """One running llama.cpp server; requests of several threads are answered one after another.

    Args:
        server: Has `listening_address`, `handle_chat_completions` and `handle_completions`; the
            last two call back with every reply and stop when the callback returns True.
        key: What its port asks for.
    """

    def __init__(self, server: Any, key: str) -> None:
        self._server = server
        self._key = key
        self._address = str(server.listening_address).removeprefix("http://")
        self._warming = threading.Event()
        self._warm_lock = threading.Lock()
        self._running: dict[threading.Thread, threading.Event] = {}
        # A thread inside the engine when the interpreter goes away would abort the process.
        atexit.register(self.stop_all)

    def _post(self, route: str, body: Wire) -> Wire:
        # Tokenizer and template are only offered over the port, which never leaves this machine.
        connection = http.client.HTTPConnection(self._address)
        try:
            connection.request(
                "POST",
                route,
                json.dumps(body),
                {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
            )
            reply = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        raise_for_error(reply)
        return dict(reply)

    def tokens(self, text: str) -> list[int]:
        """Token ids of the text; control tokens written in it count as such."""
        return list(self._post("/tokenize", {"content": text, "parse_special": True})["tokens"])

    def prompt(self, messages: Sequence[BaseMessage]) -> str:
        """The messages in the model's own chat template, up to where the reply begins."""
        return str(self._post("/apply-template", {"messages": to_wire(messages)})["prompt"])

    def stream(self, route: str, body: Wire) -> Iterator[Wire]:
        """The engine's replies as they come; closing the generator stops it.

        While there is nothing to say (another request is answered, the prompt is read), an empty
        reply comes twice a second: a generator can only be closed between two values.

        Args:
            route: `handle_chat_completions` or `handle_completions`.
            body: The request.
        """
        self._warming.set()
        yield from self._run(route, body, threading.Event())

    def _run(self, route: str, body: Wire, stopped: threading.Event) -> Iterator[Wire]:
        replies: queue.SimpleQueue[Wire | Exception | None] = queue.SimpleQueue()
        begun = threading.Event()

        def take(reply: Wire) -> bool:
            begun.set()
            replies.put(reply)
            return stopped.is_set()

        def work() -> None:
            # `return_progress` calls back after every batch of the prompt too, so that a stop
            # is honoured before the first word.
            request = body | {"stream": True, "return_progress": True, "cache_prompt": True}
            try:
                handle: Callable[[Wire, Callable[[Wire], bool]], Any]
                handle = getattr(self._server, route)
                last = handle(request, take)
                if isinstance(last, dict) and "error" in last:
                    replies.put(last)
            except Exception as error:
                replies.put(error)
            finally:
                self._running.pop(threading.current_thread(), None)
                replies.put(None)

        worker = threading.Thread(target=work, daemon=True, name="llama")
        self._running[worker] = stopped
        worker.start()
        try:
            while True:
                try:
                    reply = replies.get(timeout=_BEAT_S)
                except queue.Empty:
                    yield {}
                    continue
                if reply is None:
                    return
                if isinstance(reply, Exception):
                    raise ModelError(
                        f"The local model refused the request: {reply}",
                        f"本地模型拒绝了请求：{reply}",
                    ) from reply
                raise_for_error(reply)
                yield reply
        finally:
            stopped.set()
            # A request that still waits behind another ends by itself when its turn comes.
            if begun.is_set():
                worker.join()

    def stop_all(self) -> None:
        """End every request that is under way, and wait until the engine has let go of it."""
        self._warming.set()
        for worker, stopped in list(self._running.items()):
            stopped.set()
            if worker.ident is not None:  # else it has not begun, and ends at its first reply
                worker.join()

    def warm(self, route: str, body: Wire) -> threading.Thread:
        """Read a prompt in the background; any other request ends it and keeps what was read.

        Args:
            route: As for `stream`.
            body: A request that asks for one token at most.
        """
        with self._warm_lock:
            self._warming.set()
            self._warming = stopped = threading.Event()

        def work() -> None:
            with contextlib.suppress(ModelError):  # a warm-up that fails only costs time later
                for _ in self._run(route, body, stopped):
                    if stopped.is_set():
                        return

        thread = threading.Thread(target=work, daemon=True, name="llama-warm")
        thread.start()
        return thread
