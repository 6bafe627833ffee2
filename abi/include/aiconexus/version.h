/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.h - the version of these headers, and what each one added.
 *
 * While the major is 0 a plugin loads only into a broker with exactly the
 * minor it was built for.  From 1.0 on the major must be equal and the needed
 * minor not above the host's; tables are only appended to.
 *
 * 0.1  transport, gateway, store, pricing, payment and hook kinds.
 * 0.2  host: http_request, http_cancel, listen_path, hmac_sha256, pay_event.
 *      payment: flags, refund; release is void_; pay has payee, of and deal_id;
 *      "unknown_payment" is what status() says of an id never heard of.
 * 0.3  pricing: subscriptions, penalties and bonuses; a line is a product that
 *      the host works out (`per` instead of `amount`).
 *      hook: load, unload, rule.
 * 0.4  store: backup; commits survive a crash in their order.
 * 0.5  host: respond_begin, respond_part, respond_queued and respond_end, and
 *      serve_streams and serve_drained on the transport's side; public_url,
 *      errand_done, errand_progress; sign_jws.
 *      gateway and paths: drained.  gateway: speaks, execute, describe, recall.
 *      method: params_schema, result_schema, follows.
 *      store: derived.
 * 0.6  host: verify_jws.  http_request: part; the outcome has headers.
 *      host: listen_mode, stream_peer, operator_auth.
 *      method: media.  call and work: traceparent.
 *      payment: AICX_PAY_BRINGS, pays_for, sell, sell_cancel; a result has a
 *      reference.
 *      transport: announce.
 *      call: reader.
 * 0.7  host: errand_ask, errand_pass, catalog_version.  gateway: answer.
 *      method: asks.
 *      host: listen_as, listen_check, address_is_open, address_in,
 *      stream_facts, stream_auth.
 *      plugin: check.  transport: url.
 *      call: signed_request.
 */
#ifndef AICX_VERSION_H
#define AICX_VERSION_H

#define AICX_ABI_MAJOR 0
#define AICX_ABI_MINOR 7

/* The oldest broker a plugin accepts; from 1.0 on it may be lowered. */
#ifndef AICX_ABI_MINOR_NEEDED
#define AICX_ABI_MINOR_NEEDED AICX_ABI_MINOR
#endif

#endif
