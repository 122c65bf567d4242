"""What every floor above may use and nothing of the domain: database, SQL files, clock, ids, settings, refusals."""
