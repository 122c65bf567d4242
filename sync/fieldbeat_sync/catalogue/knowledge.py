"""What the company knows: articles that everyone may read, offline too, once somebody has approved them."""

from fieldbeat_sync.schema import Collection, Field, Filled, Policy
from fieldbeat_sync.values import Choice, Instant, Json, Number, Reference, Text

ARTICLE_STATUSES = ("DRAFT", "REVIEW", "PUBLISHED", "OBSOLETE")

knowledge_article = Collection(
    "knowledgeArticle",
    (
        Field("title", Policy.SERVER, Text(200, 1), required=True),
        Field("body", Policy.SERVER, Text(20_000, 1), required=True),
        Field("tags", Policy.SERVER, Json(items_max=50), default=[]),
        Field("language", Policy.SERVER, Text(35, 2), default="en"),  # a tag of BCP 47
        Field("version", Policy.SERVER, Number(1, 1e6, whole=True), default=1),
        Field("status", Policy.SERVER, Choice(ARTICLE_STATUSES), default="DRAFT"),
        Field("previousId", Policy.SERVER, Reference("knowledgeArticle")),  # the version that this one replaces
        Field("authorId", Policy.SERVER, Reference("user"), filled=Filled.AUTHOR),
        Field("submittedById", Policy.SERVER, Reference("user")),
        Field("approvedById", Policy.SERVER, Reference("user")),
        Field("publishedAt", Policy.SERVER, Instant()),
    ),
)
