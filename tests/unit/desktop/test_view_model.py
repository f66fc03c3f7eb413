"""The state that every view-model holds, and who hears of its changes."""

from dataclasses import dataclass

from agentflow_desktop.desktop.view_model import ViewModel


@dataclass(frozen=True, slots=True)
class Count:
    number: int = 0


class Counter(ViewModel[Count]):
    def grow(self) -> None:
        self._change(number=self.state.number + 1)


def test_every_change_is_told_until_a_listener_leaves() -> None:
    model, heard = Counter(Count()), list[int]()
    stop = model.listen(lambda state: heard.append(state.number))
    model.grow()
    model.grow()
    stop()
    model.grow()
    assert heard == [1, 2]
    assert model.state.number == 3


def test_a_listener_may_leave_while_it_is_told() -> None:
    model, heard = Counter(Count()), list[str]()

    def once(_state: Count) -> None:
        heard.append("once")
        stop()

    stop = model.listen(once)
    model.listen(lambda _: heard.append("always"))
    model.grow()
    model.grow()
    assert heard == ["once", "always", "always"]
