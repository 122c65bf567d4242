"""The HTTP edge beside GraphQL: health, problem details, the limit on bodies. It translates and never decides."""
