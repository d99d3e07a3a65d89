"""What any daemon needs and no shop knows of: clock, inbox, feed, supervision, health, logs."""
