/** What the shop sells. */
export interface Article {
  readonly name: string;
  readonly about: string;
  readonly shelf: string;
  readonly priceCents: number;
}

const article = (shelf: string, name: string, priceCents: number, about: string): Article => ({
  shelf,
  name,
  priceCents,
  about,
});

export const ASSORTMENT: readonly Article[] = [
  article("Kitchen", "Brindle teapot", 3450, "Stoneware, one litre, pours without a drip."),
  article("Kitchen", "Oxbow chopping board", 2890, "End-grain ash with a groove for the juice."),
  article("Kitchen", "Tarn kettle", 5400, "Enamelled steel, whistles a major third."),
  article("Kitchen", "Pocket grater", 790, "For nutmeg, ginger and hard cheese."),
  article("Kitchen", "Marrow ladle", 1290, "Olive wood, holds one bowl."),
  article("Desk", "Lantern notebook", 950, "160 pages of dotted paper that lies flat."),
  article("Desk", "Heron fountain pen", 4200, "Steel nib, fills from a bottle."),
  article("Desk", "Slate-blue ink", 1150, "50 ml, dries in four seconds."),
  article("Desk", "Cobble paperweight", 1690, "A river stone with a flat foot."),
  article("Desk", "Quire letter tray", 2300, "Folded felt, stacks."),
  article("Home", "Moorland blanket", 8900, "Undyed wool, 140 by 200 cm."),
  article("Home", "Ember candle", 1480, "Beeswax, burns thirty hours."),
  article("Home", "Paperbark lampshade", 3900, "Washi on a willow frame."),
  article("Home", "Tidewater soap", 650, "Olive oil and sea salt, three bars."),
  article("Home", "Sparrow coat hook", 1250, "Cast brass with two screws."),
  article("Garden", "Thicket secateurs", 3650, "Forged, can be resharpened."),
  article("Garden", "Rook watering can", 4450, "Seven litres with a brass rose."),
  article("Garden", "Meadow seed mix", 490, "Thirty wild flowers for two square metres."),
  article("Garden", "Furrow hand rake", 1790, "Three tines, beech handle."),
  article("Garden", "Orchard twine", 820, "Green jute, 100 metres."),
];
