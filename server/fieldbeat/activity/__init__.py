"""What happens among the people whom somebody leads: what they do to visits and tickets, and what they are told."""
