"""The wordings of the prompt styles, one file for each family."""
