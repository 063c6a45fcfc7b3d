"""The screens: the watch itself, and what opens over it."""
