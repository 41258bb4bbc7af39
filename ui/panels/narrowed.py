"""What narrows the queue besides its chip and the words typed, in words."""

from __future__ import annotations

import msgspec

from models.views import QueueQuery
from ui import words
from ui.language import tr


def narrowed_words(query: QueueQuery, unit_name: str) -> str:
    """黎阳城管执法中队 · 到场; "" when nothing narrows it. `unit_name`: of the unit or the station."""
    said = [unit_name] if query.unit else []
    said += [tr("{0} 所在地").format(unit_name)] if query.station else []
    said += [words.STAGES[query.stage]] if query.stage else []
    said += [_light(query.light)] if query.light else []
    if query.promise:
        verdict = words.VERDICTS[query.verdict] if query.verdict else tr("已到期或办毕")
        said += [tr("{0} {1}").format(words.STAGES[query.promise], verdict)]
        said += [tr("截至 {0} 的 {1} 天").format(query.day, query.days)]
    elif query.day:
        said += [tr("{0} 办结").format(query.day)]
    return " · ".join(said)


def _light(asked: str) -> str:
    return (words.ASKED_LIGHTS if asked in words.ASKED_LIGHTS else words.LIGHTS)[asked]


def widened(query: QueueQuery) -> QueueQuery:
    """The same question with nothing that narrows it besides chip and words."""
    return msgspec.structs.replace(
        query, unit="", stage="", station="", light="", day="", days=1, promise="", verdict=""
    )
