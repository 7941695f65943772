"""Words for findings in scripts and notebooks."""

from __future__ import annotations

from mitbadak.doctor.words.words import Words

ENGLISH: dict[str, Words] = {}
KOREAN: dict[str, Words] = {}
