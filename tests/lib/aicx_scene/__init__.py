# SPDX-License-Identifier: Apache-2.0
"""aicx_scene - what a scene needs: a real broker, agents that speak to it, and checks.

    from aicx_scene import Daemon, main, scene, using

    @scene
    def a_bearer_buyer_gets_what_it_paid_for():
        broker = using(Daemon())
        broker.seller("echo", "text.echo", "0.001 AIC")
        buyer = broker.agent("buyer", funds="1.00 AIC")
        buyer.mandate("text.echo", "0.01 AIC", "0.10 AIC")
        equal(buyer.buy("text.echo", "hello", "0.01 AIC").ok()["result"], "hello")

    if __name__ == "__main__":
        sys.exit(main(__doc__))

A scene waits for events and answers, never for time.
"""
from . import place, wire
from .agent import Agent, Declined, MailboxAgent, SessionAgent, capability
from .books import balanced, books, nothing_changes
from .certificates import Certificates
from .crowd import GONE, Buyer, Seller
from .crypto import Key
from .daemon import Daemon, broker_conf
from .deal import Deal
from .patience import PATIENCE_S, Late, eventually
from .rest import Rest, raw
from .runner import equal, main, refused, scene, skip, that, using
from .websocket import Closed, WebSocket
from .wire import Refused

__all__ = ["GONE", "Agent", "Buyer", "Certificates", "Closed", "Daemon", "Deal", "Declined", "Key", "Late",
           "MailboxAgent", "PATIENCE_S", "Refused", "Rest", "Seller", "SessionAgent", "WebSocket", "balanced",
           "books", "broker_conf", "capability", "equal", "eventually", "main", "nothing_changes",
           "raw", "refused", "scene", "skip", "that", "using"]
