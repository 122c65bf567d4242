"""Causal histories of one record, every order they may arrive in, and the laws that must hold in each."""
