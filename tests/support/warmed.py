"""Imported by the process that lives are forked from: it has read content, so none of them need do so."""

from tests.support.warm import shipped

shipped()
