"""The MQTT session: paho on the event loop. Knows no topic."""
