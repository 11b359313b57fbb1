"""May this person do that? The whole table: every kind of person, every action."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from bot.domain.permits import Action, Kind, Person, Place, is_admin, may

ASKER = ("T1", "U1")
OTHER = Person("T1", "U2", "Bob")
PEOPLE = {
    "asker": Person(*ASKER, "Ada"),
    "member": OTHER,
    "admin": replace(OTHER, is_admin=True),
    "named admin": replace(OTHER, user_id="U8"),
    "named admin of this team": replace(OTHER, user_id="U9"),
    "named admin of another team": replace(OTHER, team_id="T2", user_id="U9"),
    "guest": replace(OTHER, is_guest=True),
    "asker, guest by now": Person(*ASKER, is_guest=True),
    "outsider": replace(OTHER, team_id="T2", is_outsider=True),
    "outsider, admin at home": replace(OTHER, team_id="T2", is_outsider=True, is_admin=True),
    "outsider, named": replace(OTHER, team_id="T2", user_id="U8", is_outsider=True),
    "asker's id in another team": Person("T2", "U1"),
    "asker's name": replace(OTHER, name="Ada"),
    "bot": replace(OTHER, is_bot=True),
    "bot, admin": replace(OTHER, is_bot=True, is_admin=True),
    "deactivated": replace(OTHER, is_deactivated=True),
    "deactivated asker": Person(*ASKER, is_deactivated=True),
    "deactivated admin": replace(OTHER, is_deactivated=True, is_admin=True),
}
ADMINS = frozenset({"U8", "T1:U9"})

TABLE = """
    asker                       | start cancel retry move .
    member                      | start .      .     .    .
    admin                       | start cancel retry .    see
    named admin                 | start cancel retry .    see
    named admin of this team    | start cancel retry .    see
    named admin of another team | start .      .     .    .
    guest                       | .     .      .     .    .
    asker, guest by now         | .     cancel retry move .
    outsider                    | .     .      .     .    .
    outsider, admin at home     | .     .      .     .    .
    outsider, named             | .     .      .     .    .
    asker's id in another team  | start .      .     .    .
    asker's name                | start .      .     .    .
    bot                         | .     .      .     .    .
    bot, admin                  | .     .      .     .    .
    deactivated                 | .     .      .     .    .
    deactivated asker           | .     .      .     .    .
    deactivated admin           | .     .      .     .    .
"""
ALLOWED = {
    line.split("|")[0].strip(): dict(zip(Action, line.split("|")[1].split(), strict=True))
    for line in TABLE.strip().splitlines()
}


def test_the_table_has_every_person():
    assert ALLOWED.keys() == PEOPLE.keys()


@pytest.mark.parametrize(("name", "action"), list(product(PEOPLE, Action)))
def test_a_person_may_do_what_the_table_says_and_nothing_else(name, action):
    verdict = may(PEOPLE[name], action, asker=ASKER, admins=ADMINS)

    assert bool(verdict) == verdict.allowed == (ALLOWED[name][action] != ".")
    assert verdict.allowed == (verdict.reason == "")


def test_a_refusal_names_who_may_without_telling_more():
    verdict = may(OTHER, Action.CANCEL, asker=ASKER, admins=frozenset())

    assert "<@U1>" in verdict.reason
    assert "stop" in verdict.reason
    assert "retry" in may(OTHER, Action.RETRY, asker=ASKER, admins=frozenset()).reason


def test_nobody_is_an_admin_by_name_or_from_outside():
    assert not is_admin(replace(OTHER, name="U8"), ADMINS)
    assert not is_admin(PEOPLE["outsider, named"], ADMINS)
    assert not is_admin(PEOPLE["deactivated admin"], ADMINS)
    assert is_admin(PEOPLE["admin"], frozenset())


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("is_member", "is_archived"), list(product((True, False), repeat=2)))
def test_a_place_is_open_to_us_where_we_are_in_and_it_is_alive(kind, is_member, is_archived):
    place = Place("T1", "C1", kind, is_member=is_member, is_archived=is_archived)

    assert place.is_open_to_us == (is_member and not is_archived)
