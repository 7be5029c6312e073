"""LibreOffice Calc as a host: the functions as an extension, ``xl_qbs.oxt``."""
