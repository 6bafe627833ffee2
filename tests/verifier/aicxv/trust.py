# SPDX-License-Identifier: Apache-2.0
"""trust.py - whose keys are known from elsewhere."""
from . import crypto
from .strict import Broken, b64, parse


class Trust:
    """The broker's key, its id when that was said too, and agents' keys if any are named.

    Three forms: the key in base64url; a line of known_brokers, "URL BROKER_ID KEY"; or JSON
    with "public_key", "broker_id"? (as /.well-known/aiconexus has them) and "agents"?:
    [{"agent_id", "public_key"}].
    """

    def __init__(self, key=None, broker_id=None, agents=None):
        self.key, self.broker_id, self.agents = key, broker_id, agents or {}

    @classmethod
    def from_bytes(cls, data):
        """Raises ValueError when it is neither form."""
        text = data.decode().strip()
        if not text.startswith("{"):
            words = text.split(" ")
            return cls(b64(words[-1], 32), words[1] if len(words) == 3 else None)
        said = parse(text)
        agents = {agent["agent_id"]: b64(agent["public_key"], 32)
                  for agent in said.get("agents", [])}
        return cls(b64(said.get("public_key"), 32), said.get("broker_id"), agents)

    def broker_key(self, broker_id, key_id):
        """The key of this broker, or None when nobody vouches for it; a key that is not the
        one in the file is a broken link."""
        if self.key is None or self.broker_id not in (None, broker_id):
            return None
        if crypto.key_id(self.key) != key_id:
            raise Broken("the key trusted is another than the file's broker.key_id")
        return self.key

    def check_agent(self, agent_id, public):
        known = self.agents.get(agent_id)
        if known is not None and known != public:
            raise Broken(f"agent {agent_id} has another key than the one trusted")
