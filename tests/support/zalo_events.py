"""One body of every event that a Zalo app may be sent, in the shapes known in November 2026; all ids are invented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.zalo import ADMIN, APP_ID, BA, OA_ID, SAMPLES, attachment

BY_APP = "4444555566667777888"
GROUP = "g-1"
PHONE = "84900000000"
ANONYMOUS = "anon-7f3a"
OF_OA = {"app_id": APP_ID, "oa_id": OA_ID}
OF_USER = {**OF_OA, "user_id": BA, "user_id_by_app": BY_APP}
FOLLOWER = {
    "oa_id": OA_ID,
    "follower": {"id": BA},
    "user_id_by_app": BY_APP,
    "source": "oa_profile",
    "app_id": APP_ID,
}
TAG = {**OF_OA, "user_id_by_app": BY_APP, "tag": {"user_ids": [BA], "name": "can-ho-tro"}}
GROUPED = {**OF_OA, "group_id": GROUP}
CALLED = {**OF_OA, "user_id": BA, "phone": PHONE, "call_id": "c1", "call_type": "AUDIO", "init_time": "1790000000123"}
INFO = {"name": "Người dùng A", "phone": PHONE}


def from_user(**message: Any) -> dict[str, Any]:
    ends = {"sender": {"id": BA}, "user_id_by_app": BY_APP, "recipient": {"id": OA_ID}}
    return {"app_id": APP_ID, **ends, "message": {"msg_id": "96d3cdf3af15aa460909", **message}}


def from_oa(admin: str = "", **message: Any) -> dict[str, Any]:
    oa = {"id": OA_ID, **({"admin_id": admin} if admin else {})}
    ends = {"sender": oa, "user_id_by_app": BY_APP, "recipient": {"id": BA}}
    return {"app_id": APP_ID, **ends, "message": {"msg_id": "96d3cdf3af15aa460909", **message}}


def anonymous(*, from_oa: bool = False, **message: Any) -> dict[str, Any]:
    there, here = {"id": ANONYMOUS}, {"id": OA_ID}
    ends = {"sender": here if from_oa else there, "recipient": there if from_oa else here}
    return {
        "app_id": APP_ID,
        **ends,
        "message": {"msg_id": "96d3cdf3af15aa460910", "conversation_id": "c1", **message},
    }


def in_group(**message: Any) -> dict[str, Any]:
    ends = {"sender": {"id": BA}, "recipient": {"id": GROUP}}
    return {**OF_OA, **ends, "message": {"msg_id": "96d3cdf3af15aa460914", **message}}


WHERE = {"user_city": "Tỉnh A", "user_ward": "Xã Suối Hoa", "user_address": "Thôn Đông"}
SUBMITTED = {"sender": {"id": BA}, "recipient": {"id": OA_ID}, "app_id": APP_ID}
ZNS_RECEIVED = {
    "sender": {"id": OA_ID},
    "recipient": {"id": PHONE},
    "message": {"delivery_time": "1790000000100", "msg_id": "15a0cc0bbb13bd4ce403", "tracking_id": "hoso-1"},
    "app_id": APP_ID,
}

EVENTS: dict[str, dict[str, Any]] = {
    **{f"user_send_{kind}": from_user(**attachment(kind)) for kind in SAMPLES},
    "user_send_text": from_user(text="Xin chào"),
    **{f"oa_send_{kind}": from_oa(**attachment(kind)) for kind in ("image", "gif", "file", "sticker")},
    "oa_send_text": from_oa(text="Chào bác"),
    "oa_send_list": from_oa(attachments=[{"type": "template", "payload": {"zinstant_id": "zi-1", "text": ""}}]),
    "oa_send_template": from_oa(attachments=[{"type": "template", "payload": {"zinstant_id": "zi-2", "text": ""}}]),
    "anonymous_send_text": anonymous(text="Xin chào"),
    "anonymous_send_image": anonymous(**attachment("image")),
    "anonymous_send_file": anonymous(**attachment("file")),
    "anonymous_send_sticker": anonymous(**attachment("sticker")),
    "oa_send_anonymous_text": anonymous(from_oa=True, text="Chào bác"),
    "user_received_message": from_oa(),
    "user_seen_message": from_oa(msg_ids=["96d3cdf3af15aa460912", "96d3cdf3af15aa460913"]),
    "user_reacted_message": from_user(react_icon="/-strong"),
    "oa_reacted_message": from_oa(react_icon="/-heart"),
    "user_click_chatnow": OF_USER,
    "follow": FOLLOWER,
    "unfollow": FOLLOWER,
    "user_submit_info": {**SUBMITTED, "info": {**INFO, "user_dob": "30/10/1999", "full_address": WHERE}},
    "update_user_info": {**OF_USER, "data": {"method": "dynamic_url"}},
    "user_withdraw": OF_USER,
    "add_user_to_tag": TAG,
    "remove_user_from_tag": TAG,
    "remove_tag": {**TAG, "tag": {"name": "can-ho-tro"}},
    "oa_send_consent": {**OF_OA, "phone": PHONE, "request_type": "SENT", "create_time": "1790000000123"},
    "user_reply_consent": {**OF_OA, "phone": PHONE, "user_consent": "ALLOW", "expired_time": 0},
    "user_call_oa": CALLED,
    "oa_call_user": CALLED,
    "widget_interaction_accepted": {**OF_OA, "data": {"user_id": BA, "user_external_id": "ext-1"}},
    "widget_failed_to_sync_user_external_id": {**OF_OA, "data": {"user_id": BA, "message": "exists"}},
    "create_group": GROUPED,
    "user_join_group": {**GROUPED, "users": [{"id": BA}]},
    "user_request_join_group": {**GROUPED, "users": [{"id": BA}]},
    "accept_request_join_group": {**GROUPED, "users": [{"id": BA}]},
    "reject_request_join_group": {**GROUPED, "users": [{"id": BA}]},
    "react_request_join_group_accept": {**GROUPED, "users": [{"id": BA}]},
    "react_request_join_group_reject": {**GROUPED, "users": [{"id": BA}]},
    "add_group_admin": {**GROUPED, "users": [{"id": BA}]},
    "remove_group_admin": {**GROUPED, "users": [{"id": BA}]},
    "update_group_info": GROUPED,
    "user_out_group": {**GROUPED, "users": [{"id": BA}]},
    "user_leave_group": {**GROUPED, "users": [{"id": BA}]},
    "delete_group": GROUPED,
    "disperse_group": GROUPED,
    "user_send_group_text": in_group(text="@[OA] xin chào"),
    "oa_send_group_text": in_group(text="Chào nhóm"),
    "permission_revoked": OF_OA,
    "extension_purchased": OF_OA,
    "user_feedback": {**OF_OA, "message": {"msg_id": "15a0cc0bbb13bd4ce404", "rate": 5, "note": ""}},
    "change_oa_daily_quota": {"app_id": APP_ID, "oaId": OA_ID, "quota": {"prev_value": "500", "new_value": "5000"}},
    "change_oa_template_tags": OF_OA,
    "change_template_quality": {**OF_OA, "template_id": "300001"},
    "change_template_quota": {**OF_OA, "template_id": "300001"},
    "change_template_status": {**OF_OA, "template_id": "300001", "status": {"new_status": "REJECT"}, "reason": "Lặp"},
    "event_journey_time_out": OF_OA,
    "event_journey_acknowledged": OF_OA,
}
OTHER_SHAPES: list[tuple[str, dict[str, Any]]] = [  # further bodies of events above
    ("user_send_text", from_user(text="Cho hỏi thêm", quote_msg_id="96d3cdf3af15aa460800")),
    ("user_send_text", from_user(text="#THU_TUC_KHAI_SINH")),
    ("user_send_image", from_user(text="chú thích", **attachment("image"))),
    ("oa_send_text", from_oa(ADMIN, text="Chào bác, tôi là Hoa")),
    ("user_submit_info", {**SUBMITTED, "info": {**INFO, "address": "Số 1", "city": "Tỉnh A", "district": "Huyện B"}}),
    ("user_received_message", ZNS_RECEIVED),  # with X-ZEvent-Server: ZNS
]


def every_event() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and body of each, without its timestamp (`LocalZalo.event` stamps it)."""
    for name, body in [*EVENTS.items(), *OTHER_SHAPES]:
        yield name, {**body, "event_name": name}
