"""`python -m fieldbeat_graphql > graphql/schema.graphql` writes the SDL that is committed."""

import sys

from fieldbeat_graphql.schema import schema

if __name__ == "__main__":
    sys.stdout.write(schema.as_str() + "\n")
