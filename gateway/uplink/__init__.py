"""The way to head office: what is sent, acknowledged and received over MQTT."""
