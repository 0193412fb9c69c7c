"""Keys of words that the code puts together, and every value that can stand in their `{}`.

A test finds each such place in the code; what is not declared here fails it. Values come from the
code itself where it names them, so that a new value without words fails too.
"""

from collections.abc import Iterable
from typing import get_args

from board.model import AfterClose, OfficeKind, StepRole, UnitKind
from complaints import limits
from complaints.behind import CASE_COUNTS
from complaints.categories import categories, clauses
from complaints.codes import Misread
from complaints.lifecycle import ComplaintKind, State
from complaints.periods import Kind as PeriodKind
from complaints.phrases import phrases
from complaints.results import PARTS
from complaints.routing import Verdict
from complaints.routing_table import RECEIVERS, SUBJECTS, packaged_rules
from complaints.showing import KINDS as SHOWN_BY
from complaints.steps import complainant
from complaints.supervision import LISTS
from complaints.term_rules import FAULTS
from complaints.terms import KINDS, UNITS
from complaints.tracking import About, Standing
from gateway.county_files.editing import COLUMNS
from gateway.desk import users as desk_users
from gateway.desk.access import ROLES
from gateway.desk.passwords import Fault as PasswordFault
from gateway.figure_words import COLUMNS as FIGURES
from gateway.figure_words import GROUPS, RATES
from gateway.i18n import LANGUAGES
from gateway.mail import described, life, wording_checks
from gateway.middleware import WORDED_ERRORS
from gateway.pages import answer_acts, answer_views, tracking_steps, tracking_view
from gateway.pages.desk import case_steps as desk_case_steps
from gateway.pages.desk import case_story as desk_case_story
from gateway.pages.desk import case_view as desk_case_view
from gateway.pages.desk import cases as desk_cases
from gateway.pages.desk import due as desk_due
from gateway.pages.desk import log as desk_log
from gateway.pages.desk import me, users
from gateway.pages.desk import report as desk_report
from gateway.pages.desk import results as desk_results
from gateway.pages.desk.county import editing as county_editing
from gateway.pages.desk.county import index as county_index
from gateway.pages.desk.county import relatives, routing_words, texts_form
from gateway.uploads import Reason as UploadReason

_STANDINGS = get_args(Standing)
_CLOSED = ("expired", "revoked", "merged", "unknown", "down", "unreadable")
_NOTICES = ("down", "reused", "too_many")
_SEES = ("code", "contact", "text", "person", "state", "result")
_PHRASES = phrases()


def _underscored(values: Iterable[str]) -> set[str]:
    return {value.replace(" ", "_").replace("-", "_") for value in values}


FAMILIES: dict[str, Iterable[object]] = {
    "answer.closed.{}.next": _CLOSED,
    "answer.closed.{}.text": _CLOSED,
    "answer.closed.{}.title": _CLOSED,
    "answer.field.{}": ("finding", "reason"),
    "answer.finding_hint.{}": answer_views.FINDING_KINDS,
    "answer.language_{}": LANGUAGES,
    "answer.stage_{}": answer_views.STAGE_KINDS,
    "answer.step.{}": answer_acts.STEP_FIELDS,
    "answer.told.{}": answer_acts.TOLD,
    "answer.subject_{}": ("identified", "unidentified", "unit", "sealed"),
    "answer.{}": (
        *("badge_typed", "staff_name", "staff_description", "place"),
        *answer_views.OTHER_FIELDS,
    ),
    "category.{}": categories(),
    "category.{}.ask": categories(),
    "clause.{}": _underscored(clauses()),
    "complaints.about_{}": ("identified", "unidentified", "unit"),
    "complaints.{}": (
        *("badge", "staff_name", "unit", "place", "staff_description", "matter"),
        *("receipt_number", "accepted_on", "happened_on", "happened_at", "text", "wish"),
        *("share_yes", "share_no", "publish_yes", "publish_no"),
    ),
    "calendar_desk.kind.{}": ("holiday", "makeup", "closure"),
    "limits_desk.unit.{}": get_args(limits.Unit),
    "limits_desk.after.{}": get_args(AfterClose),
    "calendar_desk.weekday.{}": range(7),
    "county_desk.editor.{}": county_index.EDITORS,
    "county_desk.editor.{}_about": county_index.EDITORS,
    "county_desk.fault.{}": county_editing.AT_DESK,
    "county_desk.field.{}": COLUMNS["offices"],
    "county_desk.line_{}": ("was", "will", "gone"),
    "county_desk.relative_{}": relatives.DONE,
    "county_terms.about.{}": KINDS,
    "county_terms.fault.{}": FAULTS,
    "county_terms.kind.{}": KINDS,
    "county_terms.unit.{}": UNITS,
    "county_texts.event.{}": {
        kind for each in described.letters().values() for kind in each.events
    },
    "county_texts.fault.{}": wording_checks.FAULTS,
    "county_texts.parts.{}": texts_form.PARTS,
    "county_texts.reader.{}": described.READERS,
    "county.lacks.{}": ("offices", "routing"),
    "deadlines.limit.{}": get_args(limits.Unit),
    "deadlines.reason.{}": get_args(limits.Reason),
    "deadlines.session.{}": get_args(limits.Session),
    "desk.actor.{}": desk_case_story.ACTORS,
    "desk.alike.{}": ("receipt", "staff", "unit", "matter", "time", "words"),
    "desk.code.{}": ("empty", "wrong", "braked", "mismatch", "late", "password", "no_password"),
    "desk.cases.{}": desk_cases.NARROWED,
    "desk.do.{}": (*desk_case_steps.VERBS, "contact"),
    "desk.does.{}": ROLES,
    "desk.done.{}": me.DONE,
    "desk.due.{}": desk_due.KINDS,
    "desk.edited.{}": desk_log.EDITED,
    "desk.error.{}": ("empty", "wrong", "braked"),
    "desk.event.{}": desk_case_story.OWN_EVENTS,
    "desk.letter.{}": desk_case_story.LETTERS,
    "desk.letter_state.{}": desk_case_story.LETTER_STATES,
    "desk.letter_to.{}": desk_case_story.RECIPIENTS,
    "desk.list.{}": LISTS,
    "desk.log.{}": desk_users.LOG_KINDS,
    "desk.new.{}": desk_users.FAULTS,
    "desk.password.{}": (*get_args(PasswordFault), "empty", "differs", "wrong", "braked"),
    "desk.case.kind.{}": get_args(ComplaintKind),
    "desk.next.{}": desk_case_view.TOLD_NEXT,
    "desk.refused.{}": (
        "kind",
        *("late", "missing", "too_long", "not_to_dispatch", "not_to_decline", "not_returned"),
        *("not_disputed", "not_to_merge", "merge_into", "merge_over", "over", "supervised"),
        *("merge_conflict", "recuse_merged"),
        *("office", "conflict", "who", "unreadable", "not_to_publish", "not_released"),
        *("office", "conflict", "who", "unreadable", "not_supervised", "not_recused", "nobody"),
        *("known", "conflict_here"),
        *("office", "conflict", "who", "unreadable", "vague", "phrase_hard", "channel"),
        *("no_follow_up", "not_to_remind", "wiped"),
    ),
    "desk.report.{}": desk_report.SECTIONS,
    "desk.report.sheet.{}": desk_report.SHEETS,
    "desk.results.done.{}": desk_results.DONE,
    "desk.results.fault.{}": ("missing", "too_long", "short"),
    "desk.results.list.{}": desk_results.LISTS,
    "desk.results.{}": PARTS,
    "desk.role.{}": ROLES,
    "desk.state.{}": get_args(State),
    "desk.supervised.{}": desk_case_view.WHY_SUPERVISED,
    "desk.user.{}": ("badge_unknown", *get_args(desk_users.Refusal)),
    "desk.users.done_{}": users.DONE,
    "directory.after_close.{}": get_args(AfterClose),
    "directory.role.{}": get_args(StepRole),
    "error.{}.next": WORDED_ERRORS,
    "error.{}.text": WORDED_ERRORS,
    "error.{}.title": WORDED_ERRORS,
    "figures.{}": ("promised", "statutory"),
    "figures.done_{}": get_args(StepRole),
    "figures.part_{}": get_args(StepRole),
    "finding.{}": answer_views.FINDING_KINDS,
    "finding.{}_text": answer_views.FINDING_KINDS,
    "format.weekday.{}": range(1, 8),
    "mail.life.{}.heading": life.KINDS,
    "mail.life.{}.intro": life.KINDS,
    "mail.life.{}.step": life.KINDS,
    "notice.{}": _NOTICES,
    "notice.{}.title": _NOTICES,
    "office.why.{}": _underscored(get_args(OfficeKind)),
    "phrases.reason.{}": {"quoted", *(phrase.reason for phrase in _PHRASES)},
    "phrases.suggestion.{}": {"quoted", *(phrase.suggestion for phrase in _PHRASES)},
    "proof.{}": _underscored(kind for each in categories().values() for kind in each.proof),
    "results.by.{}": SHOWN_BY,
    "results.by.{}_one": SHOWN_BY,
    "results.column.{}": FIGURES,
    "results.count.{}": CASE_COUNTS,
    "results.group.{}": [name for name, _ in GROUPS],
    "results.how.{}": RATES,
    "results.period.{}": get_args(PeriodKind),
    "routing.receiver.{}": RECEIVERS,
    "routing.subject.{}": {subject.replace(" ", "_") for subject in SUBJECTS},
    "routing.verdict.{}": _underscored(get_args(Verdict)),
    "routing.unit_kind.{}": get_args(UnitKind),
    "routing.hidden.{}": routing_words.hidden_slugs().values(),
    "routing.why.{}": {rule.rank for rule in packaged_rules() if rule.why},
    "sees.{}": _SEES[1:],
    "sees.{}_sealed": _SEES[1:],
    "sees.{}_who": _SEES[1:],
    "standing.{}": _STANDINGS,
    "standing.{}_text": _STANDINGS,
    "timeline.{}": tracking_view.TOLD,
    "timeline.{}_text": {
        *("received_desk", "dispatched_again", "reminded_you"),
        *("rerouted_conflict", "rerouted_desk", "asked_running"),
        *tracking_view.TOLD,
        *(f"{kind}_sealed" for kind in tracking_view.SEALED_TOLD),
    },
    "tracking.fault.{}": tracking_steps.MISSING,
    "tracking.late.{}": (
        *("not_asked", "not_to_rate", "not_closed", "no_more_review", "review_late"),
        *("review_outside", "over", "moved"),
    ),
    "tracking.level_{}": complainant.LEVELS,
    "tracking.next_{}": {"over", *_STANDINGS},
    "tracking.who_{}": get_args(About),
    "uploads.{}": get_args(UploadReason),
}

# Families whose values are so many, or made so far away, that the code has to be searched: a key
# is in use when what stands for `{}` is a text somewhere below the folder or in the file.
SEARCHED: dict[str, str] = {
    "answer.error.{}": "",
    "complaints.error.{}": "complaints/drafts.py",
    "county.fault.{}": "",
    "routing.conflict.{}": "complaints",
    "tracking.error.{}": "",
}
SEARCHED_VALUES: dict[str, Iterable[str]] = {
    "answer.error.{}": ("finding_missing", "reason_missing", "done_missing", "reply_missing"),
    "tracking.error.{}": get_args(Misread),
}
