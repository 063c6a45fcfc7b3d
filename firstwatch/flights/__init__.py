"""The flight recorder: what is gone a minute after a check turned critical, kept in a folder."""

from firstwatch.flights.record import Flight, Flights, flights, flights_folder
from firstwatch.flights.recorder import LOOKED_AT, FlightRecorder
from firstwatch.flights.sight import Picture

__all__ = [
    "LOOKED_AT",
    "Flight",
    "FlightRecorder",
    "Flights",
    "Picture",
    "flights",
    "flights_folder",
]
