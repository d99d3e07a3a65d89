"""Brokers of three nodes on the loopback, each of which can be killed: RabbitMQ and NATS JetStream."""
