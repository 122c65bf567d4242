"""What a person is told: a row of his own that reaches his phone by sync."""
