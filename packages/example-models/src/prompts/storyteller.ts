/** Story openings for the storyteller pair, broken off where a model can go on. */
export const storytellerPrompts: readonly string[] = [
  // Houses and arrivals
  "The house at Fernhollow had stood empty for eleven winters when, on a wet evening in March, a light was seen to move slowly from one upper window to the next, and",
  "It was past midnight when the Carlisle coach set down its only passenger at the turnpike, a small woman in grey, who looked about her as though she had expected",
  "We came to live at the mill in the spring that I turned nine, my father having lost in a single week both his situation and",
  "Of all the rooms at Harcombe Lodge, the library was the coldest, and it was there that old Sir Barnaby insisted upon receiving",
  "The new curate took lodgings above the saddler's shop, where the smell of leather was strong and the rent was low, and before a fortnight was out",

  // Conversations
  '"You will not find him at home," said the housekeeper, keeping one hand upon the door, "nor, if I may make so bold, would you be any happier if',
  '"Seven pounds!" cried Mr. Tibbet, letting his spectacles fall upon the ledger. "Seven pounds, for a lame horse and half a cart! Why, sir,',
  '"Promise me one thing," whispered Clara, when the others had gone in to supper. "Promise that whatever my uncle tells you of that night,',
  '"And pray what is the young man\'s profession?" asked Lady Orme, who had not once raised her eyes from her needlework.\n\n"He has none, ma\'am," replied her nephew; "but he has lately',
  '"I never said it was a ghost," returned the sexton, filling his pipe with great care. "I said it was tall, and I said it was white, and I said that when I called to it',

  // The sea and the river
  "The tide was making fast up the creek, and the two boys, who had been too busy with their crab pots to mark it, now saw with dismay that",
  "Captain Dallow had buried three wives and lost two ships, and he spoke of the ships with tears; but in the autumn of that year there came into the harbour",
  "All night the wind had beaten upon the lighthouse, and at daybreak, when the keeper climbed up to trim the lamp, he perceived upon the reef below him",
  "Nobody in Saltby would own to having seen the boat come in. It lay upon the shingle in the morning, its oars neatly shipped, and in the stern there was",
  "The ferryman was a silent fellow, who took your penny without a word and gave you none upon the way; yet on that particular Thursday, half across the river, he rested his pole and",

  // Money, law and business
  "When the will was read, there was not a person in the parlour, from the widow to the boy who carried the coals, who did not feel that some mistake",
  "My employer, Mr. Josiah Crake, held that no honest man had ever needed more than one candle, and accordingly the five clerks of his counting-house",
  "The letter was sealed with black wax and bore the mark of a foreign post. Miss Amory turned it over twice, laid it beside the teapot, and resolved that she would not",
  "There were in the town of Brindle two attorneys, who hated each other so faithfully that neither could be happy unless",
  "The bank stopped payment upon the Tuesday. By noon a crowd filled the whole of Castle Street, very quiet and very orderly, and in the midst of it stood my aunt, holding",

  // Weather and landscape
  "A thick yellow fog had come up from the marshes and swallowed the village so completely that the blacksmith, crossing the green to his own door,",
  "The snow began on the eve of St. Andrew, softly, as though it had no great purpose; but by the third day the road over the fell was closed, and the shepherds",
  "Beyond the orchard the ground fell away steeply to a black pool, of which the country people said that it had no bottom, and that on still evenings",
  "It was one of those mornings in early June when every hedge is white with blossom, and when even a debtor, if he has breakfasted, may believe that",
  "The heath was brown and silent under a low sky. Far off, where the old road went over the ridge, a single horseman had drawn rein, and he appeared to be",

  // Portraits
  "Mrs. Pomfrey was a lady of ample figure and few opinions, all of which she had received from her late husband, together with",
  "He was the tallest schoolmaster in the county, and the gentlest; and it was perhaps on account of his gentleness that the bigger boys",
  "I have never been able to say whether my cousin Edmund was a very good man or merely a very sleepy one, for in the whole course of our acquaintance",
  "Of the three Misses Lavender the eldest had the temper, the second had the money, and the youngest, who had neither, was generally allowed to",
  "The doctor wore the same green coat winter and summer, and was believed to sleep in it; but there was no cottage within ten miles where his step",

  // Memory and feeling
  "I was a foolish, proud boy of sixteen when I first saw her, and I thought, as such boys will, that she must certainly",
  "Even now, after so many years, I cannot hear a barrel organ in the street without remembering the narrow staircase, and the closed door, and the voice which",
  "She read the page to the end, folded it small, and sat for a long while with her hands in her lap, listening to the clock, until at last",
  "That I had wronged him I did not doubt; that he knew it I could not be certain; and so we walked on together toward the church, speaking of turnips, while",
  "There is a kind of loneliness which belongs only to large families, and Hester, who was the sixth of ten children, had learned very early to",

  // Mysteries and incidents
  "On the morning of the fair the great bell of Wickstead, which three strong men could scarcely swing, was found to have",
  "The portrait had hung above the chimney for a hundred years, and no one had remarked that the painted hand was pointing, until the little governess took up a candle and",
  "At the bottom of the trunk, beneath the moth-eaten uniform and the bundle of receipts, lay a child's shoe, and when the old soldier saw it he",
  "The trial lasted but a single afternoon. The prisoner, a pale young man with ink upon his cuffs, would say nothing in his own defence except that",
  "No train had stopped at Dunmere since the harvest, and so the porter was a good deal astonished when the night express slackened, stood still, and let down upon the platform",
];
