"""The add-in for Windows Excel: how ``xl_qbs.xlam`` is built, installed, called and repaired."""
