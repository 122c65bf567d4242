"""What needs several capabilities at once: a rep's day and plan, a customer who changes hands. `planning` is pure."""
