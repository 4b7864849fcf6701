"""Addresses of the pages of jobs, webhooks and e-mails, relative to /c/<company>/."""

from django.urls import path

from jobs import views, views_mails, views_webhooks

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.job_list, name="job-list"),
    path("jobs/<uuid:pk>/", views.job_detail, name="job-detail"),
    path("jobs/<uuid:pk>/progress/", views.job_progress, name="job-progress"),
    path("jobs/<uuid:pk>/cancel/", views.job_cancel, name="job-cancel"),
    path("jobs/<uuid:pk>/retry/", views.job_retry, name="job-retry"),
    path("jobs/<uuid:pk>/files/<str:name>/", views.job_file, name="job-file"),
    path("webhooks/", views_webhooks.webhook_list, name="webhook-list"),
    path("webhooks/new/", views_webhooks.webhook_new, name="webhook-new"),
    path("webhooks/<uuid:pk>/", views_webhooks.webhook_detail, name="webhook-detail"),
    path("webhooks/<uuid:pk>/edit/", views_webhooks.webhook_edit, name="webhook-edit"),
    path("webhooks/<uuid:pk>/rotate/", views_webhooks.webhook_rotate, name="webhook-rotate"),
    path("webhooks/<uuid:pk>/act/", views_webhooks.webhook_act, name="webhook-act"),
    path("webhook-deliveries/<uuid:pk>/", views_webhooks.delivery_detail, name="webhook-delivery"),
    path("webhook-deliveries/<uuid:pk>/replay/", views_webhooks.delivery_replay, name="webhook-delivery-replay"),
    path("mails/", views_mails.mail_list, name="mail-list"),
    path("mails/<uuid:pk>/", views_mails.mail_detail, name="mail-detail"),
    path("mails/<uuid:pk>/retry/", views_mails.mail_retry, name="mail-retry"),
    path("mails/<uuid:pk>/cancel/", views_mails.mail_cancel, name="mail-cancel"),
]
