"""How concurrent writes of a field meet: one policy a module, each decides by the greatest key and never by arrival."""
