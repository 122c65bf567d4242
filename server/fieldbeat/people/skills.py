"""What people can do: free words, compared without regard to case."""

from collections.abc import Iterable, Sequence

from fieldbeat.kit.refusal import Invalid

SKILLS_MAX = 50
CHARACTERS_MAX = 60


def skills_of(said: Sequence[str], *, field: str) -> list[str]:
    """The words in order, each once. Refuses (`Invalid`) one that is blank or too long, and too many."""
    words = {word.strip().casefold(): word.strip() for word in reversed(said)}
    if len(words) > SKILLS_MAX or any(not 1 <= len(word) <= CHARACTERS_MAX for word in words.values()):
        raise Invalid(f"At most {SKILLS_MAX} skills of 1 to {CHARACTERS_MAX} characters.", fields=(field,))
    return [words[folded] for folded in sorted(words)]


def folded(skills: Iterable[str]) -> frozenset[str]:
    """As they are compared."""
    return frozenset(word.strip().casefold() for word in skills)
