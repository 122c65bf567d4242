"""Nobody lets a ticket lie: as its clocks run down, its assignee is told, then those above him, each step exactly once.

A step is a row of the ticket's clock. Whoever takes it tells people and notes it in one transaction, so that a worker
that dies, a job that runs twice, a queue that was emptied or a worker whose clock is wrong change nothing.
"""
