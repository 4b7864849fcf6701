"""The API of webhooks: keep them, give them new secrets, try them out, and see and replay what they were told."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from jobs.api_webhook_serializers import (
    DeliveryFilter,
    DeliveryOut,
    DeliveryRowOut,
    RotateIn,
    WebhookChangeIn,
    WebhookIn,
    WebhookMade,
    WebhookOut,
)
from jobs.models import WebhookDelivery, WebhookEndpoint
from jobs.webhook_endpoints import add_endpoint, change_endpoint, present_endpoints, remove_endpoint, rotate_secret
from jobs.webhook_replaying import ping, replay, replay_missed
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class WebhookAPIView(CompanyAPIView):
    """A view about webhooks."""

    serializer_class: Any = WebhookOut
    queryset = WebhookEndpoint.objects.none()
    permission = write_permission = Permission.MANAGE_COMPANY
    unstored = ("secret",)

    def endpoint(self, pk: UUID) -> WebhookEndpoint:
        """The webhook of this company with the id."""
        found: WebhookEndpoint = self.row(present_endpoints(), pk=pk)
        return found

    def answer(self, endpoint: WebhookEndpoint, **added: Any) -> Response:
        """The webhook as it is now, with its ETag."""
        data = {**WebhookOut(endpoint, context=self.get_serializer_context()).data, **added}
        return Response(data, headers={"ETag": etag_of(endpoint)})


class WebhookListView(WebhookAPIView):
    """Who is told what happens."""

    @extend_schema(operation_id="webhooks_list", summary="List the webhooks", responses=WebhookOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The webhooks; never their secrets."""
        return self.page(present_endpoints())

    @extend_schema(
        operation_id="webhooks_add", summary="Add a webhook", request=WebhookIn, responses={201: WebhookMade}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """The answer shows its secret, once. Messages and signatures follow Standard Webhooks (HMAC-SHA256)."""
        given = WebhookIn(data=request.data)
        given.is_valid(raise_exception=True)
        endpoint, secret = add_endpoint(**given.validated_data)
        answer = self.answer(endpoint, secret=secret)
        answer.status_code = status.HTTP_201_CREATED
        answer["Location"] = f"{request.path}{endpoint.pk}/"
        return answer


class WebhookView(WebhookAPIView):
    """One webhook."""

    @extend_schema(operation_id="webhooks_retrieve", summary="Show a webhook")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """Without its secret."""
        return self.answer(self.endpoint(pk))

    @extend_schema(
        operation_id="webhooks_change", summary="Change a webhook", parameters=[IF_MATCH], request=WebhookChangeIn,
        responses=WebhookOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """`If-Match` carries the ETag that was read. Out of use, it gives up what it has not delivered."""
        endpoint = self.endpoint(pk)
        given = WebhookChangeIn(data=request.data)
        given.is_valid(raise_exception=True)
        check_if_match(request, endpoint)
        return self.answer(change_endpoint(endpoint, version=endpoint.version, **given.validated_data))

    @extend_schema(
        operation_id="webhooks_remove", summary="Remove a webhook", parameters=[MAY_MATCH], request=None,
        responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """It is told nothing more; what it was told stays in the list of deliveries."""
        endpoint = self.endpoint(pk)
        if request.headers.get("If-Match"):
            check_if_match(request, endpoint)
        remove_endpoint(endpoint, version=endpoint.version)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookRotateView(WebhookAPIView):
    """The secret of a webhook."""

    @extend_schema(
        operation_id="webhooks_rotate", summary="Give a webhook a new secret", request=RotateIn, responses=WebhookMade
    )
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """For so many hours messages carry a signature of the old secret too; the answer shows the new one, once."""
        given = RotateIn(data=request.data)
        given.is_valid(raise_exception=True)
        endpoint, secret = rotate_secret(self.endpoint(pk), given.validated_data["hours"])
        return self.answer(endpoint, secret=secret)


class WebhookPingView(WebhookAPIView):
    """Try a webhook out."""

    serializer_class = DeliveryOut

    @extend_schema(
        operation_id="webhooks_ping", summary="Send a webhook a test event", request=None, responses={202: DeliveryOut}
    )
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """An event `ping`, whatever it listens to; the answer is its delivery, which is made within seconds."""
        made = ping(self.endpoint(pk))
        delivery = WebhookDelivery.objects.for_company(self.company).select_related("event").get(pk=made.pk)
        return Response(self.get_serializer(delivery).data, status=status.HTTP_202_ACCEPTED)


class MissedOut(serializers.Serializer[Any]):
    replayed = serializers.IntegerField(help_text="Deliveries that are sent once more.")


class WebhookReplayView(WebhookAPIView):
    """Send what a webhook missed."""

    @extend_schema(
        operation_id="webhooks_replay", summary="Send once more what a webhook missed", request=None,
        responses={202: MissedOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Every delivery that was given up, each under its own id."""
        return Response({"replayed": replay_missed(self.endpoint(pk))}, status=status.HTTP_202_ACCEPTED)


class DeliveryAPIView(CompanyAPIView):
    """A view about what webhooks were told."""

    serializer_class: Any = DeliveryOut
    queryset = WebhookDelivery.objects.none()
    permission = write_permission = Permission.MANAGE_COMPANY

    def deliveries(self) -> Any:
        """The company's, with their events."""
        return WebhookDelivery.objects.for_company(self.company).select_related("event")


class DeliveryListView(DeliveryAPIView):
    """What webhooks were told."""

    serializer_class = DeliveryRowOut

    @extend_schema(
        operation_id="webhook_deliveries_list", summary="List the deliveries of webhooks", parameters=[DeliveryFilter],
        responses=DeliveryRowOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """The latest first, those of removed webhooks included."""
        asked = DeliveryFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return self.page(self.deliveries().filter(**asked.validated_data))


class DeliveryView(DeliveryAPIView):
    """One delivery."""

    @extend_schema(operation_id="webhook_deliveries_retrieve", summary="Show a delivery of a webhook")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With what was sent, and every attempt."""
        return Response(self.get_serializer(self.row(self.deliveries(), pk=pk)).data)


class DeliveryReplayView(DeliveryAPIView):
    """Send once more."""

    @extend_schema(
        operation_id="webhook_deliveries_replay", summary="Send a delivery once more", request=None,
        responses={202: DeliveryOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Under the same `webhook-id`, with all its attempts; also one that was delivered."""
        replay(self.row(self.deliveries(), pk=pk))
        found = self.row(self.deliveries(), pk=pk)
        return Response(self.get_serializer(found).data, status=status.HTTP_202_ACCEPTED)
