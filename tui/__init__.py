"""The board and the command line."""
