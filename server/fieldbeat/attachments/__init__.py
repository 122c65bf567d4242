"""Photos, signatures and other files: declared by a row that syncs like any other. The bytes travel in a lane of their
own, resumable and verified by their hash, and never hold up data."""
