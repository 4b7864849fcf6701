"""Addresses of the API of jobs, relative to /api/v1/."""

from django.urls import path

from jobs import api

urlpatterns = [
    path("companies/<slug:company>/jobs/", api.JobListView.as_view(), name="api-job-list"),
    path("companies/<slug:company>/jobs/<uuid:pk>/", api.JobView.as_view(), name="api-job"),
    path("companies/<slug:company>/jobs/<uuid:pk>/cancel/", api.JobCancelView.as_view(), name="api-job-cancel"),
    path("companies/<slug:company>/jobs/<uuid:pk>/retry/", api.JobRetryView.as_view(), name="api-job-retry"),
    path("companies/<slug:company>/jobs/<uuid:pk>/files/<str:name>/", api.JobFileView.as_view(), name="api-job-file"),
]
