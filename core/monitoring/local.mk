# core/monitoring/local.mk - this folder's part of the build.
