# plugins/gateway_rest/local.mk - this folder's part of the build.
