"""Which episode is judged now, by whom, and what became of the last label. Nothing here labels by itself."""

from __future__ import annotations

from adapt_core.types import LabelValue
from python_qt_binding.QtCore import QObject, Signal

from adapt_rqt.desk import LabelDesk
from adapt_rqt.values import Judgement, Waiting


class LabelModel(QObject):
    """Goes on to the next episode when the label of the present one is on the disk, and never otherwise."""

    changed = Signal()
    said = Signal(str)  # one sentence for the operator

    def __init__(self, desk: LabelDesk, operator: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.operator = operator
        self.current: Waiting | None = None
        self.notice = ""  # what others say about the present episode
        self._desk = desk
        self._pending: list[Waiting] = []
        self._later: list[str] = []  # put off, in this order
        self._latest: dict[str, Judgement] = {}  # newer than the list of those that wait
        self._mine: list[tuple[Waiting, LabelValue]] = []  # given in this session, in order
        self._sent: tuple[Waiting, Judgement] | None = None
        self.on_screen = ""  # id of the episode that the operator sees
        for signal, slot in (
            (desk.pending, self._take_pending),
            (desk.kept, self._keep),
            (desk.refused, self._refuse),
            (desk.heard, self._hear),
        ):
            signal.connect(slot)

    @property
    def waiting(self) -> int:
        """How many episodes wait, the present one among them."""
        return len(self._order())

    @property
    def saving(self) -> bool:
        """A label is on its way to the disk."""
        return self._sent is not None

    @property
    def given(self) -> int:
        """Labels given in this session and not taken back."""
        return len(self._mine)

    def show(self, episode_id: str) -> None:
        """The episode is on the screen: now it may be judged."""
        self.on_screen = episode_id

    def judge(self, value: LabelValue) -> None:
        """Label the present episode, if the operator can know what it shows."""
        if self.current is None:
            self.said.emit("No episode waits for a label.")
        elif self.on_screen != self.current.episode_id:
            self.said.emit("The episode is still being loaded: look at it first.")
        else:
            self._send(self.current, value)

    def undo(self) -> None:
        """Take back the last label of this session and return to its episode, unless somebody has judged it since."""
        if not self._mine:
            self.said.emit("Nothing to undo: you have labelled nothing in this session.")
            return
        episode, value = self._mine[-1]
        latest = self._latest.get(episode.episode_id)
        if latest is not None and (latest.value, latest.operator) != (value, self.operator):
            self._mine.pop()
            self.said.emit(f"{_words(latest)} since: your label is replaced already, there is nothing to undo.")
            self.changed.emit()
            return
        self._send(episode, LabelValue.UNLABELED)

    def later(self) -> None:
        """Put the present episode behind the others, unlabeled."""
        if self.current is not None and not self.saving:
            self._put_off(self.current.episode_id)
            self._go_to(None)

    def _send(self, episode: Waiting, value: LabelValue) -> None:
        if self.saving:
            self.said.emit("The last label is still being written: press again.")
        elif not self.operator:
            self.said.emit("Who are you? Type your name first: a label without one is worth little.")
        else:
            judgement = Judgement(episode.episode_id, value, self.operator)
            self._sent = (episode, judgement)
            self.changed.emit()
            self._desk.label(judgement)

    def _keep(self, judgement: Judgement) -> None:
        if self._sent is None or self._sent[1] != judgement:  # an answer after all, long after it was given up
            self._latest[judgement.episode_id] = judgement
            return
        episode, self._sent = self._sent[0], None
        before = self._latest.get(judgement.episode_id)
        self._latest[judgement.episode_id] = judgement
        if judgement.value is LabelValue.UNLABELED:
            self._mine.pop()
            self.said.emit("Taken back: the episode is unlabeled again.")
            self._go_to(episode)
            return
        self._mine.append((episode, judgement.value))
        replaced = "" if before is None or before.value is LabelValue.UNLABELED else f" It replaces: {_words(before)}."
        self.said.emit(f"Kept: {judgement.value}.{replaced}")
        self._go_to(None)

    def _refuse(self, episode_id: str, why: str) -> None:
        if self._sent is not None and self._sent[1].episode_id == episode_id:
            self._sent = None
        self.said.emit(f"Not labelled: {why}" if episode_id else why)
        self.changed.emit()
        self._desk.refresh()

    def _hear(self, judgement: Judgement) -> None:
        known = self._latest.get(judgement.episode_id)
        if judgement == known or (self._sent is not None and judgement == self._sent[1]):
            return  # what this panel does itself
        self._latest[judgement.episode_id] = judgement
        if self.current is not None and judgement.episode_id == self.current.episode_id:
            self.notice = f"{_words(judgement)}. Your label would replace that; the log keeps both."
        self.changed.emit()

    def _take_pending(self, pending: list[Waiting]) -> None:
        self._pending = pending
        if self.current is None:
            self._go_to(None)
        else:
            self._check_current()
            self.changed.emit()

    def _check_current(self) -> None:
        """The present episode stays, whatever others do: nothing changes under the operator's fingers."""
        assert self.current is not None
        if self.current not in self._pending and not self.notice and not self.saving:
            self.notice = "This episode does not wait any more: it was labelled or deleted elsewhere. N goes on."
        elif self.current in self._pending and self.notice.startswith("This episode"):
            self.notice = ""

    def _order(self) -> list[Waiting]:
        """Those that wait, oldest first, those put off at the end."""
        open_ones = [one for one in self._pending if not self._judged(one.episode_id)]
        if self.current is not None and self.current not in open_ones:
            open_ones.insert(0, self.current)
        return sorted(open_ones, key=lambda one: self._rank(one.episode_id))

    def _rank(self, episode_id: str) -> int:
        return 1 + self._later.index(episode_id) if episode_id in self._later else 0

    def _judged(self, episode_id: str) -> bool:
        latest = self._latest.get(episode_id)
        return latest is not None and latest.value is not LabelValue.UNLABELED

    def _put_off(self, episode_id: str) -> None:
        self._later = [other for other in self._later if other != episode_id] + [episode_id]

    def _go_to(self, episode: Waiting | None) -> None:
        """Make `episode` the present one; the first that waits when None."""
        self.current, self.notice = None, ""
        order = self._order()
        self.current = episode or (order[0] if order else None)
        self.on_screen = ""
        self.changed.emit()


def _words(judgement: Judgement) -> str:
    """Such as "ben said failure"."""
    who = judgement.operator or "Somebody"
    return f"{who} took the label back" if judgement.value is LabelValue.UNLABELED else f"{who} said {judgement.value}"
