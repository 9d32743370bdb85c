"""What the restaurant remembers."""

from django.db import models


class Message(models.Model):
    """One that it sent, and how far it got."""

    message_id = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=64)
    stamp = models.BigIntegerField()


class Reply(models.Model):
    """One that it got."""

    message_id = models.CharField(max_length=64, unique=True)


class Answer(models.Model):
    """One that it gave."""

    recipient = models.CharField(max_length=32)
    text = models.TextField()
