"""Drawing: pure functions from facts and a size to lines of text. Nothing here knows Textual."""
