"""The parts of the board. Each draws lines it is given and fetches nothing."""
