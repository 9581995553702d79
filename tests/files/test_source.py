from __future__ import annotations

import os
from pathlib import Path

import pytest

from bascule.errors import Unreadable
from bascule.files.read import open_source


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("flights.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "looks like a PNG image"),
        ("flights.csv", b"\xff\xd8\xff\xe0", "looks like a JPEG image"),
        ("flights.xlsx", b"PK\x03\x04....", "an Excel workbook is one"),
        ("flights.csv.gz", b"\x1f\x8b\x08\0", "looks like gzip; unpack it first"),
        ("flights.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-16; write it in UTF-8"),
        ("flights.csv", b"a,b\n1,\0\n", "binary data"),
        ("flights.json", b'{"a": 1}', "looks like JSON"),
        ("flights.json", b'[{"a": 1}]', "looks like JSON"),
        ("flights.csv", b"<!DOCTYPE html><html>", "a web page"),
        ("flights.parquet", b"a,b\n1,2\n", "looks like text, not like Parquet"),
        ("model.pkl", b"\x80\x04\x95\x1a", "a pickle, which is never loaded"),
    ],
)
def test_a_file_of_another_kind_is_told_by_its_content(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        open_source(tmp_path / name)
    assert said in caught.value.message
    assert "Parquet, CSV" in caught.value.next_step


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("no", "There is no file"), (".", "is a folder"), ("pipe", "no regular file")):
        with pytest.raises(Unreadable, match=said):
            open_source(tmp_path / name)


def test_what_holds_no_rows_is_refused() -> None:
    with pytest.raises(Unreadable, match="int is no file and holds no Arrow data"):
        open_source(3)
