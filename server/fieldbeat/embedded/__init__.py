"""PostgreSQL and Valkey from wheels, for a newcomer's machine and for the tests: real servers on Unix sockets in one
data folder. In production the settings name servers that others run, and nothing here is used."""
