"""What the tests share: a named cast, a phone, a lossy network, a database of one's own."""
