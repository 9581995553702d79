"""The demonstration's project: departures from New York in 2013, and whether they arrived late."""
