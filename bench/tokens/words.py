"""Prints the words of a language with their frequencies, one a line: times in a thousand million words, tab, word."""

import sys

import wordfreq

for place, words in enumerate(wordfreq.get_frequency_list(sys.argv[1], "large")):
    for word in words:
        print(round(10 ** (9 - place / 100), 1), word, sep="\t")
