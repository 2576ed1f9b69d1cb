"""The engine's threads, without a model: order, stop, errors, and who makes way for whom."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage

from tutor.errors import ContextOverflowError, ModelError
from tutor.llm.engine import Engine
from tutor.llm.wire import CHOICE_FLOOR, raise_for_error, read_choices, read_chunk, to_wire

Reply = dict[str, Any]
CHAT = "handle_chat_completions"


def piece(text: str) -> Reply:
    return {"choices": [{"delta": {"content": text}, "finish_reason": None}]}


class FakeServer:
    """Gives its replies one by one, each after `step` allows it, until told to stop.

    `begun` is released once for every request that has come in, `ended` once for every request
    that has ended; `stopped` holds the bodies of the latter and whether they were told to stop.
    """

    listening_address = "http://127.0.0.1:9"

    def __init__(self, replies: Iterable[Reply], error: Exception | None = None) -> None:
        self.replies, self.error = replies, error
        self.requests: list[Reply] = []
        self.stopped: list[tuple[Reply, bool]] = []
        self.begun = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self.step = threading.Semaphore(0)
        self.free = True

    def handle_chat_completions(self, body: Reply, callback: Callable[[Reply], bool]) -> None:
        replies = iter(self.replies)
        self.requests.append(body)
        self.begun.release()
        if self.error:
            raise self.error
        told = False
        for reply in replies:
            if not self.free:
                self.step.acquire()
            told = callback(reply)
            if told:
                break
        self.stopped.append((body, told))
        self.ended.release()


class Endless:
    """Replies without end: whoever reads them ends only by being told to.

    A test must not depend on who is faster. The limit only keeps a broken engine from hanging.
    """

    def __iter__(self) -> Iterator[Reply]:
        for number in range(120_000):
            yield piece(str(number))
            time.sleep(0.001)


def test_replies_come_in_order_and_the_prompt_is_cached_and_reported() -> None:
    server = FakeServer([piece("a"), piece("b")])
    replies = Engine(server, "key").stream(CHAT, {"messages": []})
    assert [reply for reply in replies if reply] == [piece("a"), piece("b")]
    assert server.requests[0]["return_progress"] is True
    assert server.requests[0]["cache_prompt"] is True


def test_closing_the_generator_stops_the_engine_at_its_next_reply() -> None:
    server = FakeServer(Endless())
    stream = Engine(server, "key").stream(CHAT, {})
    assert next(reply for reply in stream if reply) == piece("0")
    stream.close()  # type: ignore[attr-defined]
    assert [told for _, told in server.stopped] == [True]


def test_a_reader_can_leave_while_its_request_still_waits_its_turn() -> None:
    server = FakeServer([piece("late")])
    server.free = False
    engine = Engine(server, "key")
    stream = engine.stream(CHAT, {})
    assert next(stream) == {}
    stream.close()  # type: ignore[attr-defined]
    assert server.stopped == []
    server.step.release()
    server.ended.acquire()
    assert [told for _, told in server.stopped] == [True]


def test_an_exception_in_the_engine_reaches_the_reader() -> None:
    engine = Engine(FakeServer([], ValueError("bad schema")), "key")
    with pytest.raises(ModelError, match="bad schema"):
        list(engine.stream(CHAT, {}))


def test_an_error_among_the_replies_is_raised() -> None:
    refused = {
        "error": {
            "type": "exceed_context_size_error",
            "message": "too long",
            "n_prompt_tokens": 9000,
            "n_ctx": 4096,
        }
    }
    with pytest.raises(ContextOverflowError, match="9000"):
        list(Engine(FakeServer([refused]), "key").stream(CHAT, {}))
    with pytest.raises(ModelError, match="out of order"):
        raise_for_error({"error": {"message": "out of order", "type": "server_error"}})


class Shared:
    """Endless replies for the first request, two for every other."""

    def __init__(self) -> None:
        self.asked = 0

    def __iter__(self) -> Iterator[Reply]:
        self.asked += 1
        return iter(Endless()) if self.asked == 1 else iter([piece("a"), piece("b")])


def both_ended(server: FakeServer) -> None:
    # A warm-up that was told to stop before its first reply does not wait for the server.
    server.ended.acquire()
    server.ended.acquire()


def test_a_request_ends_a_warm_up() -> None:
    server = FakeServer(Shared())
    engine = Engine(server, "key")
    warming = engine.warm(CHAT, {"messages": [], "max_tokens": 1})
    server.begun.acquire()  # the warm-up is inside the server, and stays there until it is told
    replies = [reply for reply in engine.stream(CHAT, {"messages": []}) if reply]
    warming.join()
    both_ended(server)
    assert replies == [piece("a"), piece("b")]
    told = {body.get("max_tokens"): told for body, told in server.stopped}
    assert told == {1: True, None: False}


def test_a_newer_warm_up_ends_an_older_one() -> None:
    server = FakeServer(Shared())
    engine = Engine(server, "key")
    old = engine.warm(CHAT, {"max_tokens": 1})
    server.begun.acquire()
    new = engine.warm(CHAT, {"max_tokens": 1, "newer": True})
    old.join()
    new.join()
    both_ended(server)
    assert {"newer" in body: told for body, told in server.stopped} == {False: True, True: False}


def test_stop_all_ends_what_is_under_way() -> None:
    server = FakeServer(Endless())
    engine = Engine(server, "key")
    warming = engine.warm(CHAT, {})
    server.begun.acquire()
    engine.stop_all()
    assert [told for _, told in server.stopped] == [True]
    warming.join()


def test_stop_all_does_not_wait_for_what_has_not_begun() -> None:
    engine = Engine(FakeServer([]), "key")
    stopped = threading.Event()
    engine._running[threading.Thread()] = stopped
    engine.stop_all()
    assert stopped.is_set()


@pytest.fixture
def port() -> Iterator[HTTPServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            known = self.headers["Authorization"] == "Bearer right"
            reply = b'{"tokens": [1, 2]}' if known else b'{"error": {"message": "Invalid key"}}'
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_port_is_asked_with_the_key(port: HTTPServer) -> None:
    server = FakeServer([])
    server.listening_address = f"http://127.0.0.1:{port.server_port}"
    assert Engine(server, "right").tokens("two words") == [1, 2]
    with pytest.raises(ModelError, match="Invalid key"):
        Engine(server, "wrong").tokens("two words")


def test_messages_become_roles_and_other_kinds_are_refused() -> None:
    wire = to_wire([SystemMessage("s"), HumanMessage([{"type": "text", "text": "u"}])])
    assert wire == [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    with pytest.raises(TypeError, match="ToolMessage"):
        to_wire([ToolMessage("x", tool_call_id="1")])


def test_pieces_that_carry_nothing_are_left_out() -> None:
    assert read_chunk({"choices": [{"delta": {"content": None}}], "prompt_progress": {}}) is None
    end = read_chunk(
        {
            "choices": [],
            "usage": {
                "prompt_tokens": 7,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 5},
            },
        }
    )
    assert end is not None
    usage = end.message.usage_metadata  # type: ignore[attr-defined]
    assert (usage["total_tokens"], usage["input_token_details"]["cache_read"]) == (9, 5)


def test_choices_are_read_by_token_and_floored() -> None:
    top = [{"id": 5, "logprob": -0.1}, {"id": 6, "logprob": -35.0}]
    logprobs = {"content": [{"top_logprobs": top}]}
    assert read_choices(logprobs, {"Yes": 5, "No": 6, "maybe": 7}) == {
        "Yes": -0.1,
        "No": CHOICE_FLOOR,
        "maybe": CHOICE_FLOOR,
    }
    assert read_choices(None, {"Yes": 5}) == {"Yes": CHOICE_FLOOR}
