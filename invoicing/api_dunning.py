"""The API of dunning: its levels, who would be asked, the run, what went out, and who is spared."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from accounting.business_day import business_day
from invoicing.api_dunning_serializers import (
    DunningBlockIn,
    DunningBlockOut,
    DunningDay,
    DunningLevelChangeIn,
    DunningLevelIn,
    DunningLevelOut,
    DunningNoticeOut,
    DunningRunIn,
    PlannedNoticeOut,
)
from invoicing.dunning_blocks import block_dunning, lift_block
from invoicing.dunning_job import ask_to_dun
from invoicing.dunning_levels import add_level, change_level
from invoicing.dunning_plan import dunning_plan
from invoicing.models import DunnedDocument, DunningBlock, DunningLevel, DunningNotice
from jobs.api_serializers import JobOut
from ledger.api_imports import JournalFileAPIView
from ledger.api_keys import kept_apart
from tenants.api_description import IF_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission


class DunningLevelListView(CompanyAPIView):
    """The levels of dunning."""

    serializer_class: Any = DunningLevelOut
    queryset = DunningLevel.objects.none()
    write_permission = Permission.MANAGE_COMPANY
    ordering = ("number", "id")

    @extend_schema(
        operation_id="dunning_levels_list", summary="List the dunning levels", responses=DunningLevelOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """From the mildest on."""
        return self.page(DunningLevel.objects.for_company(self.company))

    @extend_schema(
        operation_id="dunning_levels_add", summary="Add a dunning level", request=DunningLevelIn,
        responses={201: DunningLevelOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """It becomes the next number."""
        level = add_level(**checked(DunningLevelIn, request.data))
        headers = {"ETag": etag_of(level), "Location": f"{request.path}{level.pk}/"}
        return Response(self.get_serializer(level).data, status=status.HTTP_201_CREATED, headers=headers)


class DunningLevelView(CompanyAPIView):
    """One level."""

    serializer_class: Any = DunningLevelOut
    queryset = DunningLevel.objects.none()
    write_permission = Permission.MANAGE_COMPANY

    @extend_schema(
        operation_id="dunning_levels_change", summary="Change a dunning level", parameters=[IF_MATCH],
        request=DunningLevelChangeIn, responses=DunningLevelOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """From now on; notices that went out stay."""
        level = self.row(DunningLevel.objects.for_company(self.company), pk=pk)
        check_if_match(request, level)
        changed = change_level(pk, version=level.version, **checked(DunningLevelChangeIn, request.data))
        return Response(self.get_serializer(changed).data, headers={"ETag": etag_of(changed)})


class DunningPlanView(CompanyAPIView):
    """Who would be dunned."""

    serializer_class: Any = PlannedNoticeOut
    pagination_class: Any = None
    queryset = DunningNotice.objects.none()

    @extend_schema(
        operation_id="dunning_preview", summary="Show who would be dunned", parameters=[DunningDay],
        responses=PlannedNoticeOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """On a day, with fee and interest; nothing is sent."""
        date = DunningDay.of(request).get("date") or business_day(self.company)
        planned: Any = dunning_plan(self.company, date)
        return Response(PlannedNoticeOut(planned, many=True).data)


class DunningRunView(JournalFileAPIView):
    """Dun."""

    permission = Permission.VIEW_BOOKS
    write_permission = Permission.POST_ENTRIES

    @extend_schema(
        operation_id="dunning_run", summary="Send dunning notices", request=DunningRunIn, responses={202: JobOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """In the background; each invoice gets each level once, however often it runs."""
        asked, given = checked(DunningRunIn, request.data or {}), idempotency_key(request)
        date = asked.get("date") or business_day(self.company)
        return self.accepted(request, ask_to_dun(date, asked.get("notices"), key=kept_apart(given) if given else ""))


class DunningNoticeListView(CompanyAPIView):
    """What went out."""

    serializer_class: Any = DunningNoticeOut
    queryset = DunningNotice.objects.none()
    ordering = ("-date", "-id")

    @extend_schema(
        operation_id="dunning_notices_list", summary="List the dunning notices", responses=DunningNoticeOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """The latest first, each with its documents."""
        rows = DunningNotice.objects.for_company(self.company).select_related("level")
        documents = DunnedDocument.objects.for_company(self.company).select_related("level").order_by("id")
        return self.page(rows.prefetch_related(Prefetch("documents", documents)))


class DunningBlockListView(CompanyAPIView):
    """Who is spared."""

    serializer_class: Any = DunningBlockOut
    queryset = DunningBlock.objects.none()
    write_permission = Permission.DRAFT_ENTRIES
    ordering = ("-id",)

    @extend_schema(
        operation_id="dunning_blocks_list", summary="List who is not dunned", responses=DunningBlockOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """Customers, and single invoices."""
        return self.page(DunningBlock.objects.for_company(self.company))

    @extend_schema(
        operation_id="dunning_blocks_add", summary="Spare a customer or an invoice", request=DunningBlockIn,
        responses={201: DunningBlockOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Up to a day, or until it is lifted."""
        asked = checked(DunningBlockIn, request.data)
        block = block_dunning(
            contact_id=asked.get("contact"), document_id=asked.get("document"), reason=asked["reason"],
            until=asked.get("until"),
        )  # fmt: skip
        return Response(self.get_serializer(block).data, status=status.HTTP_201_CREATED)


class DunningBlockView(CompanyAPIView):
    """One of them."""

    queryset = DunningBlock.objects.none()
    serializer_class: Any = DunningBlockOut
    write_permission = Permission.DRAFT_ENTRIES

    @extend_schema(operation_id="dunning_blocks_delete", summary="Dun again", request=None, responses={204: None})
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """From the next run on."""
        lift_block(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
