"""Satellites: receivers that tell over MQTT what they hear, as a source. What they say is read in `gateway.codecs`."""
