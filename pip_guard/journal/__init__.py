"""Record every command: its arguments, the findings of the rules, and the files that it used."""
