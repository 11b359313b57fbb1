"""May this person do that? The whole table: every kind of person, every action, in public and private channels."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.permits import (
    SPENDING,
    TABLE,
    Action,
    Kind,
    Matter,
    Person,
    Place,
    Role,
    Rules,
    is_admin,
    may,
    roles,
)

ASKER = ("T1", "U1")
OTHER = Person("T1", "U2", "Bob")
PEOPLE = {
    "asker": Person(*ASKER, "Ada"),
    "colleague": OTHER,
    "admin": replace(OTHER, is_admin=True),
    "named admin": replace(OTHER, user_id="U8"),
    "named admin of this team": replace(OTHER, user_id="U9"),
    "named admin of another team": replace(OTHER, team_id="T2", user_id="U9"),
    "guest": replace(OTHER, is_guest=True),
    "guest, named admin": replace(OTHER, user_id="U8", is_guest=True),
    "asker, guest by now": Person(*ASKER, is_guest=True),
    "external": replace(OTHER, team_id="T2", is_outsider=True),
    "external, admin at home": replace(OTHER, team_id="T2", is_outsider=True, is_admin=True),
    "external, named": replace(OTHER, team_id="T2", user_id="U8", is_outsider=True),
    "asker's id in another team": Person("T2", "U1"),
    "asker's name": replace(OTHER, name="Ada"),
    "bot": replace(OTHER, is_bot=True),
    "bot, admin": replace(OTHER, is_bot=True, is_admin=True),
    "deactivated": replace(OTHER, is_deactivated=True),
    "deactivated asker": Person(*ASKER, is_deactivated=True),
    "deactivated admin": replace(OTHER, is_deactivated=True, is_admin=True),
}
ADMINS = frozenset({"U8", "T1:U9"})
RULES = Rules(ADMINS)
ADMITTING = Rules(ADMINS, admits_guests=True, admits_externals=True, admits_bots=True)

# In a private channel whose members the person is not among; ○ is granted in a public one besides.
TABLE_SEEN = """
    asker                       | start see follow cancel retry decide move share export .
    colleague                   | start ○   ○      .      .     .      .    .     ○      .
    admin                       | start ○   ○      cancel retry decide .    .     ○      administer
    named admin                 | start ○   ○      cancel retry decide .    .     ○      administer
    named admin of this team    | start ○   ○      cancel retry decide .    .     ○      administer
    named admin of another team | start ○   ○      .      .     .      .    .     ○      .
    guest                       | .     .   .      .      .     .      .    .     .      .
    guest, named admin          | .     .   .      .      .     .      .    .     .      .
    asker, guest by now         | .     see .      cancel .     .      move .     export .
    external                    | .     .   .      .      .     .      .    .     .      .
    external, admin at home     | .     .   .      .      .     .      .    .     .      .
    external, named             | .     .   .      .      .     .      .    .     .      .
    asker's id in another team  | start ○   ○      .      .     .      .    .     ○      .
    asker's name                | start ○   ○      .      .     .      .    .     ○      .
    bot                         | .     .   .      .      .     .      .    .     .      .
    bot, admin                  | .     .   .      .      .     .      .    .     .      .
    deactivated                 | .     .   .      .      .     .      .    .     .      .
    deactivated asker           | .     .   .      .      .     .      .    .     .      .
    deactivated admin           | .     .   .      .      .     .      .    .     .      .
"""
ALLOWED = {
    line.split("|")[0].strip(): dict(zip(Action, line.split("|")[1].split(), strict=True))
    for line in TABLE_SEEN.strip().splitlines()
}


def test_the_table_has_every_person():
    assert ALLOWED.keys() == PEOPLE.keys()
    assert {role: set(row) for role, row in TABLE.items()} == {role: set(Action) for role in Role}


@pytest.mark.parametrize(("name", "action"), list(product(PEOPLE, Action)))
def test_a_person_may_do_what_the_table_says_and_nothing_else(name, action):
    cell = ALLOWED[name][action]
    private = may(PEOPLE[name], action, Matter(ASKER, "C1", Kind.PRIVATE), RULES)
    public = may(PEOPLE[name], action, Matter(ASKER, "C1", Kind.PUBLIC), RULES)

    assert private.allowed == (cell not in (".", "○"))
    assert public.allowed == (cell != ".")
    for verdict in (private, public):
        assert verdict.allowed == (verdict.reason == "")


people = st.builds(
    Person,
    st.sampled_from(["T1", "T2"]),
    st.sampled_from(["U1", "U2", "U8", "U9"]),
    is_admin=st.booleans(),
    is_guest=st.booleans(),
    is_bot=st.booleans(),
    is_outsider=st.booleans(),
    is_deactivated=st.booleans(),
)
matters = st.builds(
    Matter,
    st.just(ASKER),
    st.sampled_from(["C1", "C2"]),
    st.sampled_from(Kind),
    is_member=st.booleans(),
    groups=st.frozensets(st.sampled_from(["S1", "S2"])),
)
names = st.frozensets(st.sampled_from(["U1", "U2", "S1", "S2"]))
channels = st.frozensets(st.sampled_from(["C1", "C2"]))
rules = st.builds(
    Rules, st.just(ADMINS), st.booleans(), st.booleans(), st.booleans(), channels, channels, names, names
)


@given(people, st.sampled_from(Action), matters, rules)
def test_whatever_is_set_nobody_gets_more_than_they_should(person, action, matter, given_rules):
    allowed = may(person, action, matter, given_rules).allowed
    is_asker = (person.team_id, person.user_id) == ASKER
    stands_outside = person.is_bot or person.is_outsider or person.is_guest

    if person.is_deactivated:
        assert not allowed
    if action is Action.ADMINISTER:
        assert allowed == is_admin(person, ADMINS)
    if action in (Action.SEE, Action.FOLLOW_UP, Action.EXPORT) and allowed:
        assert is_asker or matter.is_member or (matter.kind is Kind.PUBLIC and not stands_outside)
    if action in (Action.MOVE, Action.SHARE) and allowed:
        assert is_asker
    if action in (Action.CANCEL, Action.RETRY, Action.DECIDE) and allowed:
        assert is_asker or is_admin(person, ADMINS)
    if action in SPENDING and allowed:
        assert not ({person.user_id, *matter.groups} & given_rules.people_denied)
    if stands_outside:
        assert Role.COLLEAGUE not in roles(person, matter, given_rules)
        assert Role.ADMIN not in roles(person, matter, given_rules)


@given(people, matters, rules)
def test_lists_say_who_may_spend_and_never_who_may_stop(person, matter, given_rules):
    bare = replace(
        given_rules,
        channels_allowed=frozenset(), channels_denied=frozenset(),
        people_allowed=frozenset(), people_denied=frozenset(),
    )  # fmt: skip
    for action in set(Action) - SPENDING:
        assert may(person, action, matter, given_rules) == may(person, action, matter, bare)
    for action in SPENDING:
        assert not may(person, action, matter, given_rules) or may(person, action, matter, bare)


def test_whoever_is_admitted_asks_and_sees_what_they_are_in():
    guest = replace(OTHER, is_guest=True)
    here, elsewhere = Matter(("T1", "U2"), "C1", Kind.PUBLIC), Matter(ASKER, "C2", Kind.PUBLIC)

    for person in (guest, replace(OTHER, is_outsider=True), replace(OTHER, is_bot=True)):
        assert may(person, Action.START, here, ADMITTING)
        assert may(person, Action.RETRY, here, ADMITTING)
        assert may(person, Action.SEE, replace(elsewhere, is_member=True), ADMITTING)
        assert not may(person, Action.SEE, elsewhere, ADMITTING)


def test_a_list_of_those_allowed_shuts_out_the_rest_and_a_denial_wins():
    here = Matter(("T1", "U2"), "C1", Kind.PUBLIC)
    only = Rules(people_allowed=frozenset({"S1"}), channels_allowed=frozenset({"C1"}))

    assert not may(OTHER, Action.START, here, only)
    assert may(OTHER, Action.START, replace(here, groups=frozenset({"S1"})), only)
    assert not may(OTHER, Action.START, replace(here, groups=frozenset({"S1"}), channel_id="C2"), only)
    assert may(OTHER, Action.START, Matter(here.asker, "D1", Kind.DIRECT, groups=frozenset({"S1"})), only)
    denied = replace(only, people_denied=frozenset({"U2"}))
    assert not may(OTHER, Action.START, replace(here, groups=frozenset({"S1"})), denied)
    assert only.groups == {"S1"}


def test_a_refusal_names_who_may_without_telling_more():
    verdict = may(OTHER, Action.CANCEL, Matter(ASKER), Rules())

    assert "<@U1>" in verdict.reason
    assert "stop" in verdict.reason
    assert "retry" in may(OTHER, Action.RETRY, Matter(ASKER), Rules()).reason


def test_nobody_is_an_admin_by_name_or_from_outside():
    assert not is_admin(replace(OTHER, name="U8"), ADMINS)
    assert not is_admin(PEOPLE["external, named"], ADMINS)
    assert not is_admin(PEOPLE["deactivated admin"], ADMINS)
    assert is_admin(PEOPLE["admin"], frozenset())


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("is_member", "is_archived"), list(product((True, False), repeat=2)))
def test_a_place_is_open_to_us_where_we_are_in_and_it_is_alive(kind, is_member, is_archived):
    place = Place("T1", "C1", kind, is_member=is_member, is_archived=is_archived)

    assert place.is_open_to_us == (is_member and not is_archived)
