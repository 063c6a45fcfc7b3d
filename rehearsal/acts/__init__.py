"""Acts: functions that pull one lever of the production each, for the scenarios to combine."""
