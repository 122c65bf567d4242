"""Parts: the catalogue of what goes into assets, on every phone, and what each costs the company, which is on none."""
