# core/execution/local.mk - this folder's part of the build.
