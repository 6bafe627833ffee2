# SPDX-License-Identifier: Apache-2.0
"""deal.py - a deal file: its records are followed from the first to the last, and
everything else in the file has to be what they say."""
from . import choice, crypto, money, moves
from .payments import Payments
from .objects import check_signature, text_of
from .records import Scales
from .strict import Broken, read, time_ms
from .terms import MEASURED, Bill, Terms

FINAL = ("settled", "failed", "expired", "cancelled")
FILE = {"version": "number", "deal_id": "id", "broker": "dict", "registrations": "list",
        "intent": "dict?", "mandate": "dict?", "offers": "list", "rounds": "list",
        "contract": "dict?", "policy": "dict?", "executions": "list", "usage": "list",
        "hold": "dict?", "bill": "dict?", "entries": "list", "checkpoint": "str",
        "delegation": "dict?"}
NULLS = ("intent", "mandate", "contract", "policy", "hold", "bill")


class Deal:
    """One deal, while its records go by."""

    def __init__(self, said, broker_id, broker_key, trust, need, note):
        self.file = read(said, FILE, "the file")
        for name in NULLS:
            if name not in said:
                raise Broken(f'the file has no "{name}"')
        self.said, self.id, self.note = said, self.file["deal_id"], note
        self.broker_id, self.broker_key, self.trust, self.need = broker_id, broker_key, trust, need
        self.scales, self.rows, self.last = Scales(), {}, {}
        self.holds = money.Holds(need, self.scales, whole=False)
        self.payments = Payments(need, self.scales, whole=False)
        self.keys, self.custody = self._registrations()
        self.mandate = self._mandate()
        self.terms = {}  # contract id -> Terms
        self.was_signed = set()
        self.recomputed = True
        self.forged = {}  # offer id -> what is wrong with its signature
        self.used = {}  # (contract id, start of a period) -> units used in it

    # --- what stands beside the records --------------------------------------------

    def _registrations(self):
        keys, custody = {}, {}
        for one in self.file["registrations"]:
            agent = read(one, {"agent_id": "id", "public_key": "hash?", "custody": "str"},
                         "a registration")
            if agent["agent_id"] in custody or agent["custody"] not in ("own", "broker"):
                raise Broken(f"registration of {agent['agent_id']}: twice, or of unknown custody")
            keys[agent["agent_id"]] = agent["public_key"]
            custody[agent["agent_id"]] = agent["custody"]
            if agent["public_key"] is not None:
                self.trust.check_agent(agent["agent_id"], agent["public_key"])
        return keys, custody

    def key_of(self, agent_id, what):
        if self.keys.get(agent_id) is None:
            raise Broken(f"{what}: agent {agent_id} is not in registrations")
        return self.keys[agent_id]

    def _mandate(self):
        if self.file["mandate"] is None:
            return None
        text = check_signature("mandate", self.file["mandate"], None, self.need, "the mandate")
        said = text_of("mandate", text, self.broker_id, "the mandate")
        check_signature("mandate", self.file["mandate"], self.key_of(
            said["requester"], "the mandate"), self.need, "the mandate")
        if not all(isinstance(name, str) for name in said["need"]):
            raise Broken("the mandate: need is no list of names")
        return said

    def check_delegation(self):
        """Who opened the deal for another had its signed word for it, then."""
        intent, signed = self.last.get("intent"), self.file["delegation"]
        wanted = intent and intent["delegation_id"]
        if wanted is None:
            self.need("copies", signed is None, "a delegation by which no deal was opened")
            return
        if signed is None:
            raise Broken("the delegation by which the deal was opened is not here")
        what = "the delegation"
        text = check_signature("delegation", signed, None, self.need, what)
        said = text_of("delegation", text, self.broker_id, what)
        check_signature("delegation", signed, self.key_of(said["delegator"], what), self.need, what)
        self.need("limits", (said["id"], said["delegator"], said["delegate"]) == (
            wanted, intent["requester_id"], intent["delegate_id"]), f"{what} is another's")
        self.need("limits", "deal.write" in said["permissions"], f"{what} does not let buy")
        begins = (said["not_before"] or 600000) - 600000
        self.need("limits", begins <= intent["created"] < said["expires"],
                  f"{what} did not hold when the deal was opened")

    # --- following the records -----------------------------------------------------

    def follow(self, records):
        for record in records:
            self.scales.learn(record)
        for record in records:
            if record.deal != self.id:
                raise Broken(f"record {record.seq} belongs to another deal")
            fresh = {}
            for row in record.puts:
                old = self.rows.get((row.table, row.id))
                moves.check(row, old, self.need)
                self.rows[row.table, row.id] = self.last[row.table] = row
                fresh.setdefault(row.table, []).append((row, old))
            self._record(record, fresh)
        if "deal" not in self.last:
            raise Broken("no record makes the deal")

    def _record(self, record, fresh):
        for row, old in fresh.get("offer", []):
            if old is None:
                self._offer(row)
        for row, old in fresh.get("contract", []):
            self._contract(row, old)
        for row, _ in fresh.get("contract_state", []):
            self._contract_state(row)
        for row, _ in fresh.get("execution", []):
            self._execution(row)
        for row, old in fresh.get("deal", []):
            self.need("copies", row.id == self.id and (not row["mandate_id"] or (
                self.mandate and row["mandate_id"] == self.mandate["id"])),
                      f"record {record.seq}: the deal is another, or under another mandate")
        for row, old in fresh.get("hold", []):
            self._hold(record, row, old)
        for row, _ in fresh.get("execution_status", []):
            self._free(record, row)
        wanted = self.holds.wanted(record, self._payee, lambda hold: self._billed(record, hold))
        money.form(record, self.need)
        wanted += self.payments.wanted(record)
        money.match(record, wanted + self._cancel_fee(record), self.need)
        self.payments.follow(record)

    def _intent(self):
        return self.last.get("intent")

    def _offer(self, row):
        what = f"record {row.record.seq}: offer {row.id}"
        intent = self._intent()
        try:
            check_signature("offer", row.said, self.key_of(row["provider_id"], what), self.need, what)
        except Broken as error:
            self.forged[row.id] = error  # as long as nobody chooses from it
        said = text_of("offer", row["text"], self.broker_id, what)
        self.need("offers", intent is not None and row["intent_id"] == intent.id == self.id,
                  f"{what} answers another intent")
        self.need("offers", said["intent_id"] == row["intent_id"] if said["intent_id"] else
                  intent is None or said["capability"] == intent["need"],
                  f"{what} is not for this intent")
        self.need("offers", said["provider_id"] == row["provider_id"],
                  f"{what} names another seller")
        self.need("offers", said["intent_id"] is None or said["id"] == row.id,
                  f"{what} has another id in its text")
        self.need("hash", said["terms_sha256"] == crypto.sha256(row["terms"].encode()),
                  f"{what}: the hash of the terms is another")
        self.need("offers", row["received"] < said["expires"] and row["expires"] <= said["expires"],
                  f"{what} had expired")
        terms = Terms(row["terms"], self.scales, what + ": terms")
        units = (intent and intent["max_units"]) or terms.said["max_units"]
        if not terms.counts or units:
            self.need("offers", terms.ceiling(units or 1) == self.scales.check(row["price"], what).fine,
                      f"{what}: its price is not what its terms give")

    def _contract(self, row, old):
        what = f"contract {row.id}"
        check_signature("contract", row.said, self.broker_key, self.need, what)
        if old is None:
            self._contract_text(row, what)
        for party, kind in (("requester", "the buyer"), ("provider", "the seller")):
            if party == "provider" and row["offer_id"]:
                continue  # it is the chosen offer's
            if row[f"{party}_signature"]:
                check_signature("contract", {
                    "text": row["text"], "key_id": row[f"{party}_key_id"],
                    "signature": row[f"{party}_signature"]}, self.key_of(row[f"{party}_id"], what),
                    self.need, f"{what}: signed by {kind}")

    def _contract_text(self, row, what):
        said = text_of("contract", row["text"], self.broker_id, what)
        for name in ("deal_id", "intent_id", "offer_id", "mandate_id", "requester_id", "provider_id",
                     "capability", "ceiling", "max_executions", "expires", "max_units", "created"):
            self.need("copies", said[name] == row[name], f"{what}: its row has another {name}")
        self.need("copies", said["id"] == row.id and said["deal_id"] == self.id,
                  f"{what} is for another deal")
        self.need("hash", said["terms_sha256"] == crypto.sha256(row["terms"].encode()),
                  f"{what}: the hash of the terms is another")
        terms = self.terms[row.id] = Terms(row["terms"], self.scales, what + ": terms")
        self.need("limits", said["policy_sha256"] == terms.pricing["policy_sha256"],
                  f"{what} names another policy than its terms")
        self.need("limits", terms.ceiling(said["max_units"]) == said["ceiling"].fine and
                  terms.currency == said["ceiling"].currency,
                  f"{what}: the ceiling {said['ceiling']} is not what the terms give")
        custody = read(said["custody"], {"requester": "str", "provider": "str"}, what + ": custody")
        for party in ("requester", "provider"):
            self.need("copies", custody[party] == self.custody.get(said[f"{party}_id"]),
                      f"{what}: custody of the {party} is another than registered")
        self._contract_choice(row, said, what)

    def _contract_choice(self, row, said, what):
        intent = self._intent()
        for name in ("delegate_id", "delegation_id"):
            self.need("copies", said[name] == (intent and intent[name]),
                      f"{what}: its intent has another {name}")
        if said["intent_id"] is None:
            return
        if intent is None or intent.id != said["intent_id"]:
            raise Broken(f"{what} belongs to another intent")
        self.need("limits", (intent["requester_id"], intent["need"]) ==
                  (said["requester_id"], said["capability"]), f"{what} is not what was asked for")
        self.need("limits", intent["provider_id"] in (None, said["provider_id"]),
                  f"{what}: its intent asks another seller")
        self.need("limits", said["ceiling"].fine <= intent["max_price"].fine and
                  said["ceiling"].currency == intent["max_price"].currency,
                  f"{what}: the ceiling is above the intent's max_price")
        offers = [one for (table, _), one in self.rows.items() if table == "offer"]
        listed = said["choose"].get("offers") if said["choose"] else None
        for one in listed if isinstance(listed, list) else [said]:
            if isinstance(one, dict) and one.get("offer_id") in self.forged:
                raise self.forged[one["offer_id"]]
        policy = self.mandate and self.mandate["policy_sha256"]
        offers = [one for one in offers if one.id not in self.forged]
        chosen, rule = choice.check(said["choose"], offers, said["created"],
                                    "policy" if policy else intent["choose"], self.need)
        self.need("choice", rule != "policy" or bool(policy), f"{what}: no policy was to choose")
        offer = self.rows.get(("offer", said["offer_id"]))
        self.need("choice", chosen == said["offer_id"] and offer is not None,
                  f"{what} is on another offer than the one chosen")
        if offer is None:
            raise Broken(f"{what}: its offer was never recorded")
        self.need("choice", (offer["provider_id"], offer["terms"]) ==
                  (row["provider_id"], row["terms"]), f"{what} is not on the terms offered")
        self.need("limits", offer["expires"] > said["created"], f"{what} is on an offer that had expired")

    def _contract_state(self, row):
        contract = self.rows.get(("contract", row.id))
        if contract is None:
            raise Broken(f"record {row.record.seq}: state of an unknown contract")
        what = f"contract {row.id}"
        self.need("limits", row["n_executions"] <= contract["max_executions"],
                  f"{what}: more executions than agreed")
        if row["status"] not in ("signed", "completed"):
            return
        self.was_signed.add(row.id)
        self.need("signature", contract["mandate_id"] is not None or
                  contract["requester_signature"] is not None, f"{what}: the buyer never signed")
        self.need("signature", contract["offer_id"] is not None or
                  contract["provider_signature"] is not None, f"{what}: the seller never signed")

    # --- work and money --------------------------------------------------------------

    def _execution(self, row):
        contract = self.rows.get(("contract", row["contract_id"]))
        what = f"execution {row.id}"
        if contract is None or contract.id not in self.was_signed:
            raise Broken(f"{what} is under no signed contract")
        self.need("limits", all(row[name] == contract[name] for name in (
            "deal_id", "requester_id", "provider_id", "capability")),
                  f"{what} is not what the contract is about")
        ordered = row.record.time if row["hold_id"] else row["created"]  # or recorded at its end
        self.need("limits", ordered < contract["expires"] and row["created"] <= row.record.time,
                  f"{what} is under an expired contract")

    def _free(self, record, status):
        """Work without a hold, which can cost nothing."""
        work = self.rows.get(("execution", status.id))
        if work is None or work["hold_id"] is not None:
            return
        contract, what = self.rows["contract", work["contract_id"]], f"execution {work.id}"
        self.need("limits", contract["ceiling"].fine == 0 and contract["mandate_id"] is None,
                  f"{what} has no hold, though it may cost something or uses a mandate")
        if status["state"] == "COMPLETED":
            billed = self._bill_of(record, work, contract["ceiling"])
            if billed is None:
                raise Broken(f"{what} was done and not billed")
            self.need("bill", billed[1].fine == 0, f"{what} costs nothing, and its fee is {billed[1]}")

    def _hold(self, record, row, old):
        """What its making has to respect."""
        contract = self.rows.get(("contract", row["contract_id"]))
        what = f"hold {row.id}"
        if contract is None:
            raise Broken(f"{what} is for no contract of this deal")
        if old is not None:
            return
        said = text_of("contract", contract["text"], self.broker_id, f"contract {contract.id}")
        self.need("limits", row["amount"] == contract["ceiling"],
                  f"{what} is {row['amount']}, the ceiling {contract['ceiling']}")
        self.need("limits", row["agent_id"] == contract["requester_id"] and
                  row["mandate_id"] == contract["mandate_id"] and said["hold_id"] in (None, row.id),
                  f"{what} is not the contract's")
        self.need("limits", any(one["hold_id"] == row.id for one in record.rows("execution")),
                  f"{what} is for no work")
        if row["mandate_id"]:
            self._mandate_covers(record, row, contract, what)

    def _mandate_covers(self, record, hold, contract, what):
        said = self.mandate
        if said is None or said["id"] != hold["mandate_id"]:
            raise Broken(f"{what} is under a mandate that is not here")
        need, limits = contract["capability"], "limits"
        use = record.row("mandate_use", said["id"])
        self.need(limits, said["requester"] == hold["agent_id"], f"{what}: another buyer's mandate")
        self.need(limits, any(name == need or (name.endswith(".*") and need.startswith(name[:-1]))
                              for name in said["need"]), f"{what}: the mandate does not cover {need}")
        self.need(limits, {said["max_each"].currency, said["max_total"].currency} ==
                  {hold["amount"].currency}, f"{what}: the mandate is in another currency")
        self.need(limits, hold["amount"].fine <= said["max_each"].fine,
                  f"{what}: more than the mandate's max_each")
        self.need(limits, (said["not_before"] or 0) <= record.time and
                  (said["expires"] is None or record.time < said["expires"]),
                  f"{what}: the mandate did not hold at that time")
        if use is None:
            raise Broken(f"{what}: its mandate's use is not counted")
        self.need(limits, use["uses"] <= (1 if said["max_deals"] is None else said["max_deals"]),
                  f"{what}: use {use['uses']} of a mandate for {said['max_deals'] or 1}")
        self.need(limits, use["held"] + use["posted"] <= self.scales.minor(
            self.scales.fits(said["max_total"], "the mandate")),
                  f"{what}: more than the mandate's max_total")

    def _work_of(self, hold):
        for (table, _), row in self.rows.items():
            if table == "execution" and row["hold_id"] == hold.id:
                return row
        return None

    def _payee(self, hold):
        work = self._work_of(hold)
        return work and work["provider_id"]

    def _billed(self, record, hold):
        """(total, fee) of the work that a hold was for, after checking the bill."""
        work = self._work_of(hold)
        return work and self._bill_of(record, work, hold["amount"])

    def _bill_of(self, record, work, held):
        status = record.row("execution_status", work.id)
        if not status or status["state"] != "COMPLETED" or status["bill"] is None:
            return None
        contract = self.rows["contract", work["contract_id"]]
        what = f"bill of {work.id}"
        bill = Bill(status["bill"], self.scales, what)
        units = self._units(work, status, contract)
        self.need("units", (status["units"] or 0) == units,
                  f"{what}: {status['units']} units, where {units} were measured or claimed")
        self._times(record, status, what)
        answer = self._decision(work, status, contract, units, what)
        used_before = self._used_before(status, contract, units, what)
        bill.check(self.terms[contract.id].lines(units, status["duration_ms"] or 0, used_before, answer),
                   held, self.need)
        self.need("bill", status["cost"] == bill.total, f"{what}: its cost is another")
        return bill.total, bill.fee

    def _times(self, record, status, what):
        if status["started_at"] is None or status["completed_at"] is None:
            raise Broken(f"{what}: no start, or no end")
        self.need("units", status["completed_at"] - status["started_at"] == (status["duration_ms"] or 0)
                  and status["started_at"] <= status["completed_at"] <= record.time,
                  f"{what}: its times do not fit each other")
        self.need("units", status["quality"] is None, f"{what}: nobody judges quality")

    def _used_before(self, status, contract, units, what):
        """Units used earlier in a subscription's period; None: the first use."""
        terms = self.terms[contract.id]
        if terms.model != "subscription":
            self.need("units", status["period"] is None and status["used_before"] is None,
                      f"{what}: a period without a subscription")
            return None
        period = time_ms(terms.period(status.said["completed_at"]))
        used = self.used.get((contract.id, period))
        self.need("units", (status["period"], status["used_before"]) == (period, used),
                  f"{what}: {status['used_before']} used before in this period, not {used}")
        self.used[contract.id, period] = (used or 0) + units
        return used

    def _decision(self, work, status, contract, units, what):
        """What a policy said, in 10^-12, after its inputs are made again."""
        terms = self.terms[contract.id]
        if terms.model != "dynamic":
            self.need("bill", status["decision"] is None, f"{what}: no policy was to be asked")
            return None
        said = read(status["decision"], {"sha256": "hash", "inputs": "dict", "answer": "dict"}, what)
        self.need("bill", said["sha256"] == terms.pricing["policy_sha256"],
                  f"{what}: another policy was asked")
        given = {"calls": 1, "units": units, "latency_ms": status["duration_ms"] or 0,
                 "capability": work["capability"], "buyer": work["requester_id"],
                 "contract": contract.id, "attempts": status["attempts"]}
        inputs = {"usage": given, "terms": terms.as_policy_sees(self.scales),
                  "ceiling": self.scales.minor_money(contract["ceiling"]),
                  "now": status.said["completed_at"]}
        self.need("bill", said["inputs"] == inputs, f"{what}: the policy was asked {said['inputs']}, "
                  f"not {inputs}")
        self.recomputed = False
        answer = read(said["answer"], {"minor": "number"}, what)["minor"]
        return answer * self.scales.fine(terms.currency)

    def _units(self, work, status, contract):
        terms = self.terms[contract.id]
        claim = self._claim(work, status, contract)
        self.need("units", status.raw("output") is not None,
                  f"execution {work.id} is completed without an output")
        if not terms.counts:
            return 1
        if terms.unit not in MEASURED:
            if claim is None and terms.model != "dynamic":
                raise Broken(f"execution {work.id}: units of {terms.unit} that nobody claimed")
            units = claim["units"] if claim else 1
        elif terms.unit == "seconds":
            units = ((status["duration_ms"] or 0) + 999) // 1000
        elif terms.unit == "bytes":
            units = len(work.raw("input").encode())
        elif terms.unit == "items" and isinstance(status.said.get("output"), list):
            units = len(status.said["output"])
        else:
            units = 1
        return min(units, contract["max_units"] or 1)

    def _claim(self, work, status, contract):
        if status["usage"] is None:
            return None
        what = f"usage claim of {work.id}"
        text = check_signature("usage", status["usage"], self.key_of(work["provider_id"], what),
                               self.need, what)
        said = text_of("usage", text, self.broker_id, what)
        self.need("claim", said["execution_id"] == work.id, f"{what} is for other work")
        self.need("claim", said["contract_sha256"] in (
            None, crypto.sha256(contract["text"].encode())), f"{what} is under another contract")
        self.need("claim", said["output_sha256"] in (
            None, crypto.sha256((status.raw("output") or "").encode())),
                  f"{what} is for another output")
        return said

    def _cancel_fee(self, record):
        """What a buyer owes who cancels a signed contract."""
        charges = [entry for entry in record.entries if entry.kind == "charge"]
        if not charges:
            return []
        state = record.row("contract_state")
        contract = state and self.rows.get(("contract", state.id))
        if contract is None or state["status"] != "cancelled" or len(charges) > 1:
            raise Broken(f"record {record.seq}: a charge that follows from nothing")
        fee = self.terms[contract.id].cancel_fee
        self.need("money", fee is not None and fee.fine == charges[0].amount.fine,
                  f"record {record.seq}: the charge is not the cancel fee")
        return [("charge", None, f"{contract['requester_id']}:available",
                 f"{contract['provider_id']}:available", fee.currency, fee.fine)] if fee else []
