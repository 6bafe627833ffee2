# SPDX-License-Identifier: Apache-2.0
"""books.py - the ledger as the operator sees it: what a refusal must leave as it was."""
import contextlib
import decimal

from .runner import equal


def books(broker):
    """accounts, transactions, sum, reserved, open_holds."""
    who = broker.identity()["agent_id"]
    return broker.operator.get(f"/v1/audit/balance/{who}").ok()["books"]


def balance(broker, agent):
    """The audit of one agent, by the operator: the agent may have no API key."""
    return broker.operator.get(f"/v1/audit/balance/{agent.id}").ok()


def balanced(broker):
    """The entries sum to zero and no money is held any more."""
    now = books(broker)
    equal((decimal.Decimal(now["sum"]), decimal.Decimal(now["reserved"]), now["open_holds"]),
          (0, 0, 0), "books")


@contextlib.contextmanager
def nothing_changes(broker, *agents):
    """What happens inside moves no money of anybody."""
    before = books(broker), [balance(broker, agent) for agent in agents]
    yield
    equal((books(broker), [balance(broker, agent) for agent in agents]), before, "books")
    balanced(broker)
