# plugins/pricing_flat/local.mk - this folder's part of the build.
