"""The GraphQL edge: it translates and never decides."""
