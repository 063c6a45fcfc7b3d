"""A frame with words in its border."""

from textual.containers import Container
from textual.content import Content
from textual.geometry import Region


class Framed(Container):
    """A container whose border says what is in it; only an edge that changed is drawn again.

    Textual draws all that a container holds anew when the words in its border are set, even to
    what they are already.
    """

    def say(self, top: Content, bottom: Content) -> None:
        """Put these words into the upper and the lower edge."""
        x, y = self.content_offset
        width, height = self.outer_size
        if top != self._border_title:
            self._border_title = top
            self.refresh(Region(-x, -y, width, 1))
        if bottom != self._border_subtitle:
            self._border_subtitle = bottom
            self.refresh(Region(-x, height - 1 - y, width, 1))
