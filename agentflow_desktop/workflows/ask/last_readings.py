"""The documents that a plan was made of, so that the next keystroke need not read them again."""

from agentflow_desktop.documents.document import FileReading, FileState, SurveyedFile

MOST_CHARACTERS = 32_000_000
_Marks = tuple[tuple[str, FileState, str], ...]


class LastReadings:
    """Keeps the readings of one survey, as long as the files are as they were.

    A file whose reading may go better at the next try, or a great lot of text, is not kept.
    """

    def __init__(self) -> None:
        self._marks: _Marks = ()
        self._readings: tuple[FileReading, ...] | None = None

    def of(self, files: tuple[SurveyedFile, ...]) -> tuple[FileReading, ...] | None:
        """The readings of these very files, None if they are not kept."""
        return self._readings if self._marks == _marks(files) else None

    def keep(self, files: tuple[SurveyedFile, ...], readings: tuple[FileReading, ...]) -> None:
        texts = [reading.document.text for reading in readings if reading.document is not None]
        is_small = sum(len(text) for text in texts) <= MOST_CHARACTERS
        if is_small and not any(reading.is_passing for reading in readings):
            self._marks, self._readings = _marks(files), readings
        else:
            self._marks, self._readings = (), None


def _marks(files: tuple[SurveyedFile, ...]) -> _Marks:
    return tuple((file.name, file.state, file.digest) for file in files)
