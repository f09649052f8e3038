"""What a French sentence says of a fact in it: cue words, their reach, and the headings they stand under.

All patterns work on the normal form (lower case ASCII; hyphen, apostrophe and slash as spaces). Other facts of the
sentence are masked by `F`, so that a result is not taken over from a neighbour and a list of facts is seen as one.
"""
