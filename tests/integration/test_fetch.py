"""Published files are fetched from a server of our own: kept, shown if they differ, accepted whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import made_up_open_data as made
from rereferrals import atomic, cli, operations
from rereferrals.errors import BadInput
from rereferrals.open_data import fetch as fetching
from rereferrals.open_data import sources, tables
from rereferrals.open_data.differences import difference
from rereferrals.release import REFERENCE

YEAR = 2023
ESTIMATES = "populations_2024"
DAY = date(2025, 1, 31)
LATER = date(2025, 2, 28)


class Server:
    """Answers of a server by path: a status, headers, and a body."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        answers = self.answers

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = answers.get(self.path, (404, {}, b"none"))
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.http.server_port}{path}"

    def gives(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        self.answers[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


def estimates(**children: int) -> bytes:
    """A file of estimates, with some authorities having other children, and totals that add up."""
    rows = made.populations(YEAR)
    for code, number in children.items():
        (own,) = (row for row in rows if row[7] == code.removeprefix("la"))
        more = number - int(own[-1])
        for row in rows[1:]:
            if row is own or row[2] == "National" or (row[2] == "Regional" and row[5] == own[5]):
                row[-1] = str(int(row[-1]) + more)
    return made.csv_bytes(rows)


@pytest.fixture
def folder(tmp_path: Path, server: Server) -> Path:
    """A folder of reference data whose only source is a file of estimates, of which nothing was accepted yet."""
    folder = tmp_path / "reference"
    folder.mkdir()
    for name in ("open_readings.csv", "open_corrections.csv", "deprivation_extracts.csv", tables.DEPRIVATION):
        shutil.copy(REFERENCE / name, folder)
    lock(folder, ESTIMATES, server.address("/estimates"))
    server.gives("/estimates", estimates())
    (folder / tables.POPULATIONS).write_bytes(sources.table([], list(tables.COLUMNS[tables.POPULATIONS])))
    return folder


def lock(folder: Path, name: str, address: str, sha256: str = "") -> None:
    source = sources.Source(name, "A title", "A publisher", "A licence", address, "", sha256, "")
    (folder / sources.LOCK).write_bytes(sources.written({name: source}))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fetch(folder: Path, accept: bool = False, day: date = DAY) -> fetching.Outcome:
    return fetching.fetch(folder, [], accept, day)


def stored(folder: Path) -> dict[str, str]:
    return {row["area_code"]: row["population"] for row in tables.stored(folder / tables.POPULATIONS)}


@pytest.fixture
def accepted(folder: Path) -> Path:
    """The same, once its file was accepted."""
    fetch(folder, accept=True)
    return folder


def test_what_was_never_accepted_is_in_question_if_it_changes_a_table(folder: Path) -> None:
    before = contents(folder)
    outcome = fetch(folder)
    assert outcome.lines == (f"{ESTIMATES}: differs from what was accepted, and was left as it was",)
    assert "area_population" in outcome.questions[0]
    assert contents(folder) == before


def test_accepting_brings_file_lock_and_table(folder: Path) -> None:
    outcome = fetch(folder, accept=True)
    assert (outcome.lines, outcome.questions) == ((f"{ESTIMATES}: accepted",), ())
    assert (folder / "open" / f"{ESTIMATES}.csv").read_bytes() == estimates()
    source = sources.read(folder)[ESTIMATES]
    assert (source.fetched, source.bytes) == ("2025-01-31", str(len(estimates())))
    assert source.sha256 == hashlib.sha256(estimates()).hexdigest()
    assert stored(folder)["E92000001"] == str(made.EACH * len(made.existing(YEAR + 1)))


def test_a_first_fetch_that_changes_no_table_needs_no_accepting(accepted: Path, server: Server) -> None:
    shutil.rmtree(accepted / "open")
    lock(accepted, ESTIMATES, server.address("/estimates"))
    assert fetch(accepted).lines == (f"{ESTIMATES}: fetched for the first time",)
    assert sources.read(accepted)[ESTIMATES].fetched == "2025-01-31"


def test_what_is_as_accepted_is_kept_with_its_date(accepted: Path) -> None:
    before = contents(accepted)
    assert fetch(accepted, day=LATER).lines == (f"{ESTIMATES}: is as accepted",)
    assert contents(accepted) == before


def test_a_known_checksum_is_accepted_when_it_is_first_fetched(accepted: Path, server: Server) -> None:
    shutil.rmtree(accepted / "open")
    lock(accepted, ESTIMATES, server.address("/estimates"), hashlib.sha256(estimates()).hexdigest())
    assert fetch(accepted).questions == ()
    assert (accepted / "open" / f"{ESTIMATES}.csv").exists()
    assert sources.read(accepted)[ESTIMATES].fetched == "2025-01-31"


def test_a_changed_file_is_shown_and_left_until_it_is_accepted(accepted: Path, server: Server) -> None:
    before = contents(accepted)
    server.gives("/estimates", estimates(la942=1_010))
    outcome = fetch(accepted, day=LATER)
    assert outcome.lines == (f"{ESTIMATES}: differs from what was accepted, and was left as it was",)
    raw, table = outcome.questions
    assert raw.startswith(f"{ESTIMATES}.csv: 0 rows added, 0 removed, 3 changed\n")
    assert "Cumberland" not in table
    assert "~ 2024 2023 942: population '1000' → '1010'" in table
    assert contents(accepted) == before

    assert fetch(accepted, accept=True, day=LATER).lines == (f"{ESTIMATES}: accepted",)
    assert stored(accepted)["942"] == "1010"
    assert sources.read(accepted)[ESTIMATES].fetched == "2025-02-28"
    assert fetch(accepted).questions == ()


def test_a_changed_file_is_in_question_even_if_what_was_accepted_is_not_at_hand(accepted: Path, server: Server) -> None:
    shutil.rmtree(accepted / "open")
    server.gives("/estimates", estimates(la942=1_010))
    outcome = fetch(accepted, day=LATER)
    assert "what was accepted on 2025-01-31 is not there" in outcome.questions[0]
    assert not (accepted / "open").exists()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"body": b"<!doctype html><p>Sorry"}, "what came is no CSV"),
        ({"body": b'{"error": "none"}'}, "what came is no CSV"),
        ({"body": b""}, "what came is no CSV"),
        ({"body": b"gone", "status": 404}, "the answer was 404"),
        ({"body": b"busy", "status": 503}, "the answer was 503"),
        ({"body": estimates()[:500], "Content_Length": "90000"}, "it did not come whole"),
        ({"body": gzip.compress(estimates())[:500]}, "it did not come whole"),
        ({"body": estimates()[:-30]}, r"line \d+: it has \d+ cells and not 12"),
        ({"body": estimates().rsplit(b"\n", 2)[0] + b"\n"}, "has no row of"),
        ({"body": estimates().replace(b",942,E06000063,", b",942,E0600063,")}, "942 E0600063 is no authority"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
@pytest.mark.parametrize("accept", [False, True])
def test_what_cannot_be_used_changes_nothing(
    accepted: Path, server: Server, answer: dict[str, object], message: str, accept: bool
) -> None:
    before = contents(accepted)
    server.gives("/estimates", **answer)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=message):
        fetch(accepted, accept)
    assert contents(accepted) == before


def test_no_connection_is_told(accepted: Path) -> None:
    lock(accepted, ESTIMATES, "http://127.0.0.1:9/none")
    with pytest.raises(BadInput, match=r"could not be fetched: there is no connection.*--offline"):
        fetch(accepted)


def test_a_packed_file_is_unpacked(folder: Path, server: Server) -> None:
    for headers in ({}, {"Content_Encoding": "gzip"}):
        server.gives("/estimates", gzip.compress(estimates()), **headers)
        fetch(folder, accept=True)
        assert (folder / "open" / f"{ESTIMATES}.csv").read_bytes() == estimates()


def test_a_name_from_the_other_side_is_no_path_here(folder: Path, server: Server) -> None:
    server.gives("/estimates", estimates(), Content_Disposition="attachment; filename=../../up.csv")
    fetch(folder, accept=True)
    assert [path.name for path in (folder / "open").iterdir()] == [f"{ESTIMATES}.csv"]
    assert not list(folder.parent.rglob("up.csv"))


def test_an_error_while_replacing_restores_all(accepted: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(accepted)
    server.gives("/estimates", estimates(la942=1_010))
    replace = Path.replace

    def fail_at_the_lock(path: Path, target: Path) -> Path:
        if Path(target).name == sources.LOCK:
            raise OSError("no space left")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail_at_the_lock)
    with pytest.raises(OSError, match="no space left"):
        fetch(accepted, accept=True)
    assert contents(accepted) == before


def test_offline_checks_files_against_the_lock_and_tables_against_files(accepted: Path, server: Server) -> None:
    server.answers.clear()
    assert fetching.check(accepted, []) == fetching.Outcome((f"{ESTIMATES}: is as accepted",), ())
    file = accepted / "open" / f"{ESTIMATES}.csv"
    file.write_bytes(estimates(la942=1_010))
    not_accepted, table = fetching.check(accepted, []).questions
    assert "is not what was accepted" in not_accepted
    assert "'1000' → '1010'" in table
    file.unlink()
    assert fetching.check(accepted, []).lines == (f"{ESTIMATES}: is not there",)


def test_a_file_put_together_by_hand_is_taken_from_where_it_is_put(folder: Path) -> None:
    lock(folder, tables.INSPECTIONS, "")
    (folder / tables.JUDGEMENTS).write_bytes(sources.table([], list(tables.COLUMNS[tables.JUDGEMENTS])))
    assert fetch(folder) == fetching.Outcome((), ())
    with pytest.raises(BadInput, match=r"put it at .*ofsted_inspections\.csv"):
        fetching.fetch(folder, [tables.INSPECTIONS], False, DAY)
    (folder / "open").mkdir()
    (folder / "open" / "ofsted_inspections.csv").write_text(
        "old_la_code,framework,inspection_start,publication_date,overall_effectiveness,source\n"
        "942,ILACS Short Inspection,,2024-02-12,Good,report PDF front page\n"
    )
    assert "+ 942 2024-02-12 ILACS Short Inspection: judgement Good" in fetch(folder).questions[0]
    fetch(folder, accept=True)
    assert len(tables.stored(folder / tables.JUDGEMENTS)) == 1


def test_other_parts_of_a_table_stay_as_they_are(accepted: Path, server: Server) -> None:
    lock(accepted, "populations_2031", server.address("/estimates"))
    fetch(accepted, accept=True)
    vintages = [row["vintage"] for row in tables.stored(accepted / tables.POPULATIONS)]
    assert len(vintages) == 2 * vintages.count("2024") == 2 * vintages.count("2031")
    assert vintages == sorted(vintages)


def test_an_unknown_name_is_told_with_those_that_there_are(folder: Path) -> None:
    with pytest.raises(BadInput, match=f"there is no source c1 .* choose among {ESTIMATES}"):
        fetching.fetch(folder, ["c1"], False, DAY)


def test_a_difference_shows_twenty_rows_and_counts_them_all() -> None:
    new = [{"code": str(n), "label": "a"} for n in range(30)]
    text = str(difference("f.csv", [{"code": "0", "label": "b"}, {"code": "x", "label": "c"}], new))
    assert text.startswith("f.csv: 29 rows added, 1 removed, 1 changed\n  + 1: label a\n")
    assert text.endswith("… and 11 more")
    assert len(text.splitlines()) == 22
    few = str(difference("f.csv", new[:2], [{"code": "0", "label": "b"}], ["code"]))
    assert few == "f.csv: 0 rows added, 1 removed, 1 changed\n  - 1: label a\n  ~ 0: label 'a' → 'b'"


def test_rows_are_told_apart_by_the_fewest_first_columns() -> None:
    old = [{"year": "1", "code": "a", "value": "1"}, {"year": "1", "code": "b", "value": "2"}]
    new = [old[0], old[1] | {"value": "3"}]
    assert difference("f", old, new).lines == ("~ 1 b: value '2' → '3'",)


Run = Callable[..., int]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, on the folder; its exit status."""
    monkeypatch.setattr(operations, "REFERENCE", folder)

    def call(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["rereferrals", "fetch", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return int(left.value.code or 0)

    return call


def test_the_command_leaves_with_5_until_a_difference_is_accepted(
    run: Run, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 5
    said = capsys.readouterr()
    assert "rows added" in said.err
    assert "--accept" in said.err
    assert "was left as it was" in said.out
    assert run(ESTIMATES, "--accept") == 0
    assert run(ESTIMATES) == run("--offline") == 0
    server.gives("/estimates", b"<html>")
    assert run() == 2
    assert run("--accept", "--offline") == 2


def test_files_are_replaced_in_order_and_folders_made(tmp_path: Path) -> None:
    atomic.replace_files({tmp_path / "new" / "a": b"1", tmp_path / "b": b"2"})
    assert contents(tmp_path) == {"new/a": b"1", "b": b"2"}
