"""Addresses of the API of jobs, webhooks and e-mails, relative to /api/v1/."""

from django.urls import path

from jobs import api, api_mails, api_webhooks

urlpatterns = [
    path("companies/<slug:company>/jobs/", api.JobListView.as_view(), name="api-job-list"),
    path("companies/<slug:company>/jobs/<uuid:pk>/", api.JobView.as_view(), name="api-job"),
    path("companies/<slug:company>/jobs/<uuid:pk>/cancel/", api.JobCancelView.as_view(), name="api-job-cancel"),
    path("companies/<slug:company>/jobs/<uuid:pk>/retry/", api.JobRetryView.as_view(), name="api-job-retry"),
    path("companies/<slug:company>/jobs/<uuid:pk>/files/<str:name>/", api.JobFileView.as_view(), name="api-job-file"),
    path("companies/<slug:company>/webhooks/", api_webhooks.WebhookListView.as_view(), name="api-webhook-list"),
    path("companies/<slug:company>/webhooks/<uuid:pk>/", api_webhooks.WebhookView.as_view(), name="api-webhook"),
    path(
        "companies/<slug:company>/webhooks/<uuid:pk>/rotate/", api_webhooks.WebhookRotateView.as_view(),
        name="api-webhook-rotate",
    ),
    path(
        "companies/<slug:company>/webhooks/<uuid:pk>/ping/", api_webhooks.WebhookPingView.as_view(),
        name="api-webhook-ping",
    ),
    path(
        "companies/<slug:company>/webhooks/<uuid:pk>/replay/", api_webhooks.WebhookReplayView.as_view(),
        name="api-webhook-replay",
    ),
    path(
        "companies/<slug:company>/webhook-deliveries/", api_webhooks.DeliveryListView.as_view(),
        name="api-webhook-delivery-list",
    ),
    path(
        "companies/<slug:company>/webhook-deliveries/<uuid:pk>/", api_webhooks.DeliveryView.as_view(),
        name="api-webhook-delivery",
    ),
    path(
        "companies/<slug:company>/webhook-deliveries/<uuid:pk>/replay/", api_webhooks.DeliveryReplayView.as_view(),
        name="api-webhook-delivery-replay",
    ),
    path("companies/<slug:company>/mails/", api_mails.MailListView.as_view(), name="api-mail-list"),
    path("companies/<slug:company>/mails/<uuid:pk>/", api_mails.MailView.as_view(), name="api-mail"),
    path("companies/<slug:company>/mails/<uuid:pk>/retry/", api_mails.MailRetryView.as_view(), name="api-mail-retry"),
    path(
        "companies/<slug:company>/mails/<uuid:pk>/cancel/", api_mails.MailCancelView.as_view(), name="api-mail-cancel"
    ),
]  # fmt: skip
