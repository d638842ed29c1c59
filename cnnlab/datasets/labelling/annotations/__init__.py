"""Exports of annotation tools: objects in pictures, of which one label a picture is made."""
