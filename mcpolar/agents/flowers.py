"""The experiment of the paper's Section 2: thirty flowers, one document about each."""

from __future__ import annotations

from mcpolar.checks import whole_number

FLOWERS = {
    "rose": "a red bloom of velvet petals that stands for love",
    "tulip": "a bright cup on a straight stem, a herald of spring",
    "sunflower": "tall and golden, it turns its broad face to the sun",
    "daffodil": "a yellow trumpet that opens in the cold of early spring",
    "orchid": "rare and elegant, with waxy petals in strange shapes",
    "peony": "a lush ball of soft, fragrant layers",
    "lavender": "purple spikes with a calming scent",
    "daisy": "a plain white ring around a heart of gold",
    "lily": "a large star of white petals with a heavy scent",
    "calla lily": "a single smooth white funnel around a golden spike",
    "iris": "a blue standard above three falling petals",
    "violet": "small and deep purple, hidden in the shade",
    "poppy": "paper-thin scarlet petals around a black heart",
    "hydrangea": "great round heads that turn from blue to pink with the soil",
    "carnation": "ruffled petals that last for weeks in a vase",
    "chrysanthemum": "many narrow rays in the colours of autumn",
    "dahlia": "a perfect spiral of pointed petals",
    "magnolia": "a wide cup of cream on bare branches",
    "jasmine": "white stars that smell sweetest at night",
    "hibiscus": "a huge open trumpet that lives for a day",
    "camellia": "glossy leaves and rose-like blooms in winter",
    "gardenia": "a creamy bloom with a rich, sweet perfume",
    "marigold": "a warm orange pompom that keeps pests away",
    "zinnia": "a stiff, bright disc that butterflies love",
    "petunia": "a soft trumpet that spills over balconies",
    "begonia": "small shining blooms that thrive in shade",
    "anemone": "a windflower with a dark eye",
    "freesia": "a bent spray of funnels that smell of fruit",
    "lotus": "it rises clean and pink from muddy water",
    "wisteria": "long hanging clusters of pale purple",
}

QUESTIONS = (
    "Describe the prettiest flower in a single sentence.",
    "Which flower would you give to a friend?",
    "Which flower would you plant in a garden?",
    "Which flower should stand on the table at a wedding?",
    "Which flower would you paint?",
    "Which flower would you choose for a poem?",
    "Which flower smells best?",
    "Which flower has the most beautiful colour?",
    "Which flower would you wear in your hair?",
    "Which flower is a sign of hope?",
    "Which flower would you lay on a grave?",
    "Which flower would you carry across the sea?",
    "Which flower do the bees love?",
    "Which flower would you press in a book?",
    "Which flower should be on a flag?",
    "Which flower would you send to your mother?",
)
"""Questions for sketches of agents: all are about flowers, none names one."""


def flower_documents(agents: int) -> list[list[str]]:
    """Return the memories of so many agents, one document each.

    Examples
    --------
    >>> flower_documents(1)
    [['Rose - a red bloom of velvet petals that stands for love.']]
    """
    count = whole_number("agents", agents, 1, len(FLOWERS))
    return [[f"{name.capitalize()} - {about}."] for name, about in list(FLOWERS.items())[:count]]
