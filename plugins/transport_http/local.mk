# plugins/transport_http/local.mk - this folder's part of the build.
