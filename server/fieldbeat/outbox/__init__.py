"""The outbox: effects to come (messages, webhooks, jobs), written in one transaction with their cause and performed
afterwards by the worker, at least once. The queue only hastens them; the sweeper finds what the queue lost."""
