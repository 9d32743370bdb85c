"""The handlers: each twice."""

import json

from django.db import transaction
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from shop.models import Answer, Message, Reply

ANSWER = "Thank you, your table is booked."


def events(request, kind):
    """The events of a callback that are of this kind; it may hold others."""
    return json.loads(request.body)["event"].get(kind, [])


def answer(reply):
    """Answer a person (a real app calls POST /v1/message here)."""
    Answer.objects.create(recipient=reply["from"], text=ANSWER)


@csrf_exempt
def naive_status(request):
    """Believes that the last callback is the newest."""
    for event in events(request, "messageStatusUpdate"):
        newest = {"status": event["status"], "stamp": event["timestamp"]}
        Message.objects.update_or_create(message_id=event["messageId"], defaults=newest)
    return JsonResponse({})


@csrf_exempt
def naive_reply(request):
    """Believes that every callback is a new one."""
    for event in events(request, "moText"):
        answer(event)
    return JsonResponse({})


@csrf_exempt
@transaction.atomic
def guarded_status(request):
    """Keeps the newest status."""
    for event in events(request, "messageStatusUpdate"):
        told = {"status": event["status"], "stamp": event["timestamp"]}
        Message.objects.get_or_create(message_id=event["messageId"], defaults=told)
        known = Message.objects.filter(message_id=event["messageId"])
        known.filter(stamp__lt=event["timestamp"]).update(**told)
    return JsonResponse({})


@csrf_exempt
@transaction.atomic
def guarded_reply(request):
    """Answers a reply in the transaction that first saw its id."""
    for event in events(request, "moText"):
        _, is_new = Reply.objects.get_or_create(message_id=event["messageId"])
        if is_new:
            answer(event)
    return JsonResponse({})


def message(_request, message_id):
    """What is known of a message that was sent, for tests to look at."""
    known = Message.objects.filter(message_id=message_id).first()
    return JsonResponse({"status": known and known.status})


def answers(_request, recipient):
    """The answers that a person got."""
    given = Answer.objects.filter(recipient=recipient)
    return JsonResponse([answer.text for answer in given], safe=False)
