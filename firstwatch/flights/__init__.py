"""The flight recorder: what is gone a minute after a check turned critical, kept in a folder."""

from firstwatch.flights.record import Flight, Flights, flights, flights_folder
from firstwatch.flights.recorder import FlightRecorder, Picture

__all__ = ["Flight", "FlightRecorder", "Flights", "Picture", "flights", "flights_folder"]
