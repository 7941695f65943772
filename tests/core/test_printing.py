"""One line to a stream, whatever the stream is."""

from __future__ import annotations

import io

import pytest

from mitbadak.core.printing import print_line


def test_a_closed_stream_and_none_print_nothing():
    closed = io.StringIO()
    closed.close()
    print_line("lost", stream=closed)
    print_line("lost", stream=None)


def test_a_stream_that_is_closed_while_it_is_written_to_is_not_hidden():
    class Closing(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        print_line("lost", stream=Closing())
