"""The QBS_ functions of spreadsheets: each defined once, and the hosts that offer them in cells."""
