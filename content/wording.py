"""The keys of phrases.yaml, and the {slots} that each sentence may fill: what code says, content must word.

`check` refuses a key that is missing, one that nothing says, and a slot that nothing fills.
"""

from __future__ import annotations

from collections.abc import Mapping

# Filled in every sentence, from locality.yaml.
COMMON = frozenset(
    {
        "commune",
        "province",
        "counter_name",
        "counter_address",
        "counter_phone",
        "counter_hours",
        "police",
        "hotlines",
    }
)


def _keys(names: str, *slots: str) -> dict[str, frozenset[str]]:
    return {name: COMMON | frozenset(slots) for name in names.split()}


SAY: Mapping[str, frozenset[str]] = {
    # the talk
    **_keys("welcome menu help greeting thanks insult emergency scam_report slow_down sorry unreadable"),
    **_keys("no_such_number gone former stopped human where_idle fields faq_name ask_back"),
    **_keys("private_number not_known not_known_again elsewhere refused"),
    **_keys("where_topic field", "name"),
    **_keys("where_waiting", "walks"),
    # facts
    **_keys("level_full level_partial level_counter way_online way_counter way_post"),
    **_keys("form_original form_copy form_photo form_show form_form"),
    **_keys("ways", "first", "others"),
    **_keys("more_cases overdue documents_depend documents_ask exemptions_head counter paper_optional"),
    **_keys("documents_head", "name", "way"),
    **_keys("fee_head time_head where_head who_head result_head", "name"),
    **_keys("fee_amount", "way", "amount", "per", "law"),
    **_keys("fee_none", "way", "law"),
    **_keys("fee_unknown time_unknown", "way", "ask"),
    **_keys("time", "way", "text"),
    **_keys("unknown", "ask"),
    **_keys("changes_on until", "date"),
    **_keys("changed_recently", "what"),
    **_keys("source", "name", "date", "checked"),
    **_keys("exemption", "who", "pays", "law"),
    **_keys("paper", "name", "form"),
    # the walk
    **_keys("ask_way ask_name papers_end ending ask_code restarted moved_on step_dropped choose_walk no_walks"),
    **_keys("already paused", "walk"),
    **_keys("for_whom", "name", "label"),
    **_keys("papers", "name", "have", "of"),
    **_keys("step", "n", "of", "title"),
    **_keys("link", "link"),
    **_keys("see", "see"),
    **_keys("stuck stuck_alone", "title"),
    **_keys("fix", "fix"),
    **_keys("code_kept", "code"),
    **_keys("submitted", "name", "next"),
    **_keys("gave_up left_walk", "name"),
    **_keys("place_step", "name", "n", "of", "title"),
    **_keys("place_naming place_asking place_papers place_ending", "name"),
    **_keys("place_online place_counter place_gave_up", "name"),
    # own data
    **_keys("my_data", "since", "channels", "messages", "replies"),
    **_keys("my_consent", "purpose", "date"),
    **_keys("my_data_end erase erase_kept"),
    **_keys("purpose_reminders purpose_follow_up purpose_tips purpose_phone purpose_linking"),
    **_keys("erased", "receipt"),
}

BUTTONS = frozenset(
    [
        "begin",
        "documents",
        "fee",
        "time",
        "where",
        "list",
        "questions",
        "human",
        "help",
        "menu",
        "none_of_these",
        "walks",
        "resume",
        "resume_named",
        "anew",
        "skip",
        "way_online",
        "way_counter",
        "ready",
        "done",
        "stuck",
        "back",
        "pause",
        "to_step",
        "solved",
        "ended_online",
        "ended_counter",
        "give_up",
        "erase",
        "erase_yes",
        "erase_no",
    ]
)

COMMANDS = frozenset(
    [
        "menu",
        "help",
        "list",
        "human",
        "where",
        "back",
        "stop",
        "restart",
        "resume",
        "begin",
        "done",
        "stuck",
        "papers",
        "my-data",
        "erase",
    ]
)

# Labels of the web pages: the chat's begin with chat_, the guide pages' with guide_.
PAGE = frozenset(
    [
        "chat_title",
        "chat_send",
        "chat_placeholder",
    ]
)
