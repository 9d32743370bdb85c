"""The naive URLs end in a slash; a POST without it is redirected. The guarded ones take both."""

from django.urls import path, re_path

from shop import views

urlpatterns = [
    path("naive/status/", views.naive_status),
    path("naive/reply/", views.naive_reply),
    re_path("^guarded/status/?$", views.guarded_status),
    re_path("^guarded/reply/?$", views.guarded_reply),
    path("messages/<message_id>", views.message),
    path("answers/<recipient>", views.answers),
]
